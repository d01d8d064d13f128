"""What the web servers share: the files of a page, and who asks for them."""
