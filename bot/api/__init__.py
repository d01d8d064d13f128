"""The API for other systems, ``/api/v1``: docs/api.md, docs/api.openapi.yaml."""
