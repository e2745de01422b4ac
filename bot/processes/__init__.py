"""The three processes of an installation and what watches over them."""
