"""Robots of groups in WeCom, Feishu and DingTalk: they announce and take no answers."""
