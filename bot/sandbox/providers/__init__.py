"""WeCom, Feishu and DingTalk as the sandbox and the tests play them: servers and people."""
