"""What policy Q&A promises: the right article, or a person, and never a guess."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.knowledge import (
    Answered,
    Article,
    BadArticlesError,
    HandOver,
    Index,
    Unsure,
    find,
    is_question,
    load,
    near,
    packaged,
    warm,
)
from tests.strategies import NASTY, said

TODAY = date(2026, 11, 22)
INDEX = Index(packaged())


def ask(words: str) -> Answered | Unsure | HandOver:
    return find(INDEX, words, TODAY)


def answered(words: str) -> str:
    found = ask(words)
    return found.article.question if isinstance(found, Answered) else f"{type(found).__name__}"


# -- answering
@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("报到要不要转组织关系啊", "报到要不要先转组织关系"),
        ("介绍信丢了咋整", "介绍信丢了怎么办"),
        ("介紹信弄丟了怎麼辦？", "介绍信丢了怎么办"),
        ("党废怎么算", "党费怎么算"),
        ("流动党员去哪报道", "流动党员到哪里报到"),
        ("预备期能不能延长啊", "预备期可以延长吗"),
        ("想入党需要啥条件", "入党要什么条件"),
        ("居住证去哪办", "居住证怎么办"),
        ("家暴怎么办", "家暴怎么办"),
    ],
)
def test_a_question_in_the_members_own_words_finds_its_article(words: str, question: str) -> None:
    assert answered(words) == question


def test_an_answer_comes_with_its_source_and_its_day_of_checking() -> None:
    found = ask("党费怎么算")
    assert isinstance(found, Answered)
    assert "中组发〔2008〕3号" in found.article.source
    assert found.article.checked == date(2026, 11, 21)
    assert found.score == 1


@pytest.mark.parametrize("words", ["介绍信", "怎么交党费"])
def test_what_may_mean_several_articles_is_put_to_the_member(words: str) -> None:
    found = ask(words)
    assert isinstance(found, Unsure)
    assert 2 <= len(found.candidates) <= 3


def test_every_wording_of_every_article_finds_it_first() -> None:
    lost = [
        wording
        for article in INDEX.articles
        for wording in (article.question, *article.alternatives)
        if INDEX.rank(wording, 1)[0][0] != article.id
    ]
    assert lost == []


# -- handing over
@pytest.mark.parametrize(
    ("words", "route"),
    [
        ("我三年没交党费会不会被除名", "所在党支部/组织员"),
        ("我爸判过刑我政审能过吗", "上级党委"),
        ("替我写份思想汇报", "所在支部"),
        ("下一任书记谁来当", "上级党组织"),
        ("村支书收黑钱", "纪检12388"),
        ("台灣會不會打仗", "拒绝"),
        ("帮我查一下同事的电话", "拒绝+人工"),
        ("帮我写份离婚协议", "法律援助"),
        ("高血压能吃什么药", "引导就医"),
        ("塞点钱能快点吗", "拒绝+记录"),
        ("楼下有人砍人", "110"),
        ("我妈昏倒了", "120"),
        ("真的不想活了", "12356+110/120+值班"),
    ],
)
def test_what_is_not_for_a_machine_goes_to_its_person(words: str, route: str) -> None:
    found = ask(words)
    assert isinstance(found, HandOver)
    assert (found.route, found.certain) == (route, True)


def test_a_persons_own_outcome_is_not_judged_but_the_general_rule_is_at_hand() -> None:
    found = ask("我三年没交党费会不会被除名")
    assert isinstance(found, HandOver)
    assert "不能替组织下结论" in found.why
    assert found.general is not None
    assert found.general.question == "多久不交党费算脱党"


def test_a_refusal_names_who_can_help_and_never_blames() -> None:
    for words in ("我会被开除吗", "帮我写入党申请书", "书记贪污", "我有抑郁症能入党吗", "量子力学是什么"):
        found = ask(words)
        assert isinstance(found, HandOver), words
        assert not any(bad in found.why for bad in ("错误", "无法识别", "失败", "参数")), words
        assert any(good in found.why for good in ("支部", "党组织", "工作人员", "12388", "组织委员")), words


def test_asking_how_to_report_wrongdoing_is_answered_and_an_accusation_is_not_heard_here() -> None:
    assert answered("党员干部违纪去哪里举报") == "怎么举报党员干部违纪"
    assert answered("我要举报我们书记") == "HandOver"


def test_nothing_near_is_handed_over_without_certainty() -> None:
    found = ask("量子力学是什么")
    assert isinstance(found, HandOver)
    assert (found.certain, found.offer) == (False, True)
    assert near(INDEX, "量子力学") == []


# -- the clock
def test_an_article_expires_at_midnight() -> None:
    last = date(2026, 12, 31)
    ours = Index([Article(id="a", question="取暖补贴怎么领", answer="到窗口领。", valid_until=last)])
    assert isinstance(find(ours, "取暖补贴怎么领", last), Answered)
    withheld = find(ours, "取暖补贴怎么领", last + timedelta(days=1))
    assert isinstance(withheld, HandOver)
    assert "最新" in withheld.why


def test_an_article_past_its_review_is_withheld_and_one_not_yet_in_force_too() -> None:
    late = Article(id="a", question="甲", answer="乙", review_by=date(2026, 11, 21))
    early = Article(id="a", question="甲", answer="乙", valid_from=date(2026, 11, 23))
    assert [late.stands(TODAY), early.stands(TODAY)] == [False, False]
    assert [late.stands(date(2026, 11, 21)), early.stands(date(2026, 11, 23))] == [True, True]


def test_an_expired_article_is_not_offered_among_several() -> None:
    gone = date(2026, 1, 1)
    ours = Index(
        Article(id=article.id, question=article.question, answer=article.answer, valid_until=gone)
        if "过期" in article.question
        else article
        for article in INDEX.articles
    )
    found = find(ours, "介绍信", TODAY)
    assert isinstance(found, Unsure)
    assert not any("过期" in article.question for article in found.candidates)
    assert not any("过期" in article.question for article in near(ours, "介绍信", TODAY))


# -- reading articles
def test_every_mistake_in_a_file_of_articles_is_named_by_its_line() -> None:
    good = {"id": "a", "question": "甲", "answer": "乙"}
    lines = [
        json.dumps(good),
        "",
        "{",
        "[]",
        json.dumps({**good, "id": ""}),
        json.dumps({**good, "id": "b", "answer": 3}),
        json.dumps(good),
        json.dumps({**good, "id": "c", "checked": "21.11.2026"}),
        json.dumps({**good, "id": "d", "alternatives": "乙"}),
        json.dumps({**good, "id": "e", "confidence": "sure"}),
    ]
    with pytest.raises(BadArticlesError) as wrong:
        load(lines)
    assert [each.split(":")[0] for each in wrong.value.mistakes] == [f"line {n}" for n in (3, 4, 5, 6, 7, 8, 9, 10)]
    assert "used twice" in wrong.value.mistakes[4]


def test_articles_keep_their_days() -> None:
    row = {"id": "a", "question": "甲", "answer": "乙", "checked": "2026-10-01", "valid_until": "2027-01-01"}
    [article] = load([json.dumps(row)], checked=TODAY)
    assert (article.checked, article.valid_until, article.review_by) == (date(2026, 10, 1), date(2027, 1, 1), None)
    assert load(['{"id":"a","question":"甲","answer":"乙"}'], checked=TODAY)[0].checked == TODAY


# -- is it a question?
@pytest.mark.parametrize(
    "words",
    [
        "报到要不要转组织关系啊",
        "報到要不要轉組織關係",
        "党费怎么交",
        "我能在这边过组织生活不",
        "请问报到收费吗",
        "为什么要填手机号，你们会泄露我的信息吗",
        "党员报到喺边度",
        "没有活动证能报到吗",
    ],
)
def test_a_question_is_a_question(words: str) -> None:
    assert is_question(words)


@pytest.mark.parametrize(
    "words",
    [
        "周建国",
        "何为民",
        "马超群",
        "阿依古丽·买买提",
        "村里的支部",
        "不知道叫什么 就是村里的支部",
        "我也说不清在哪个支部",
        "我不知道单位有没有党组织",
        "安徽省阜南县王店镇李庄村党支部",
        "新城花园三号楼",
        "去年国庆",
        "几个月前",
        "好几天了",
        "忘了是哪年了",
        "什么都行",
        "哪天都行",
        "没什么要求",
        "幺三八 幺二三四 五六七八",
        "没有党组织",
        "公司有个联合支部",
        "",
    ],
)
def test_an_answer_to_a_form_is_no_question(words: str) -> None:
    assert not is_question(words)


# -- promises
@settings(max_examples=150, deadline=None)
@given(said())
def test_anything_at_all_is_answered_offered_or_handed_over(words: str) -> None:
    found = ask(words)
    assert found == ask(words)
    assert isinstance(found, Answered | Unsure | HandOver)
    assert len(near(INDEX, words)) <= 3
    assert isinstance(is_question(words), bool)
    scores = [score for _, score in INDEX.rank(words)]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("words", NASTY)
def test_what_breaks_other_programs_is_never_answered(words: str) -> None:
    assert not isinstance(ask(words), Answered)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(packaged()), st.sampled_from(["", "？", "。", "  ", "！"]))
def test_an_article_is_answered_by_its_own_question_whatever_the_punctuation(article: Article, mark: str) -> None:
    found = ask(article.question + mark)
    assert isinstance(found, Answered)
    assert found.article == article


def test_warming_changes_no_answer() -> None:
    ours = Index(packaged())
    warm(ours)
    assert find(ours, "介绍信丢了咋整", TODAY) == ask("介绍信丢了咋整")


def test_an_index_of_nothing_hands_everything_over() -> None:
    empty = Index(())
    assert isinstance(find(empty, "党费怎么交", TODAY), HandOver)
    assert empty.rank("党费怎么交") == []
    assert near(empty, "党费") == []
