"""Voice and SMS by Aliyun (阿里云)."""
