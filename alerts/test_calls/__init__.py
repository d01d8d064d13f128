"""Test calls (测试呼叫): a drill that proves which numbers and accounts answer."""
