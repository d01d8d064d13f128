"""The command wall (指挥大屏): a web page and a map of who has answered, behind signed links."""
