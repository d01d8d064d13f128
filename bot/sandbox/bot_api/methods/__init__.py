"""The methods of the Bot API, each a function of one ``MethodCall``; ``table`` has their names."""
