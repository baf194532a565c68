"""The sidebar: pages, albums, tags, saved searches and folders."""
