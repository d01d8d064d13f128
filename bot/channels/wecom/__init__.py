"""WeCom 企业微信: cards with buttons to the members of one corporation, and what they press."""
