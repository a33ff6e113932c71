"""Remembers. The only room with SQL or Redis: tables on one page, one function a question."""
