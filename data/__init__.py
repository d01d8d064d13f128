"""The store itself and the reference data: the bottom layer, it imports none of the others."""
