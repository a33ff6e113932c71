"""Policy questions: the articles, the index over them, and answering or handing over."""

from dialogs.knowledge.answer import Answered, HandOver, Unsure, find, near, warm
from dialogs.knowledge.article import Article, BadArticlesError, load
from dialogs.knowledge.index import Index
from dialogs.knowledge.questions import is_question
from dialogs.knowledge.starter import packaged

__all__ = [
    "Answered",
    "Article",
    "BadArticlesError",
    "HandOver",
    "Index",
    "Unsure",
    "find",
    "is_question",
    "load",
    "near",
    "packaged",
    "warm",
]
