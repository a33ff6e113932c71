"""Words that a person brings: a task until it is done, each try once, and who a telephone number leads to."""

from __future__ import annotations

from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase, KeepProfile, Say
from storage.calls import Tried
from storage.engines import Database
from storage.sight import Scope
from storage.staff import Staff
from storage.turns import MemberKey
from tests.storage.making import NOON, lamp, member, turn

HERE = Scope(staff="li", whole=frozenset({"yushan-xincheng"}))
THERE = Scope(staff="wu", whole=frozenset({"yushan-tinglin"}))
LI = Staff(name="li", post="coordinator", unit="yushan-xincheng")
CALLER = MemberKey("desk", "main", "caller")
PHONE = "13912340000"


async def told(database: Database, number: str = "HY-1", who: MemberKey = CALLER, reach: str = "call") -> None:
    case, words = lamp(number, reach=reach, came="phone"), Say(text="已经修好", number=number)
    profile = KeepProfile(name="赵大爷", phone=PHONE)
    await database.turns.commit(turn(who, "k1", case, words, profile, reply=None))


async def tried(database: Database, task: int, tries: int, *, reached: bool, number: str = "HY-1") -> object:
    act = ActOnCase(number=number, act=Act.CALL, by="li", words="没有接通")
    return await database.calls.tried(act, task, tries=tries, reached=reached, most=3, staff=LI, now=NOON)


async def test_a_task_is_there_until_the_words_arrived(database: Database) -> None:
    await told(database)
    (task,) = await database.calls.all(HERE)
    assert (task.number, task.words, task.way, task.tries) == ("HY-1", "已经修好", "phone", 0)
    assert (await database.calls.all(THERE), await database.calls.count(THERE)) == ([], 0)

    first = await tried(database, task.id, 0, reached=False)
    assert isinstance(first, Tried)
    assert (first.settled, first.version) == ("", 2)
    assert await tried(database, task.id, 0, reached=False) is None  # sent twice
    assert await tried(database, task.id, 1, reached=True, number="HY-2") is None  # of another case
    assert [task.tries for task in await database.calls.of_case("HY-1")] == [1]

    last = await tried(database, task.id, 1, reached=True)
    assert isinstance(last, Tried)
    assert (last.settled, last.member) == ("sent", CALLER)
    assert await database.calls.count(HERE) == 0
    page = await database.cases.access_case("HY-1", HERE)
    assert page is not None
    assert [item.act for item in page.items if hasattr(item, "act")] == ["open", "call", "call"]


async def test_after_so_many_tries_it_has_failed(database: Database) -> None:
    await told(database)
    (task,) = await database.calls.all(HERE)
    for tries in range(3):
        await tried(database, task.id, tries, reached=False)
    assert await database.calls.all(HERE) == []
    assert (await database.deliveries.counts(NOON))["failed"] == 1


async def test_the_outbox_leaves_to_people_what_people_bring(database: Database) -> None:
    await told(database)
    await told(database, "HY-2", MemberKey("desk", "main", "shy"), reach="none")
    assert await database.deliveries.claim("w", NOON, NOON - NOON, 9) == []
    assert [task.number for task in await database.calls.all(HERE)] == ["HY-1"]


async def test_a_number_leads_to_one_account_and_to_cases_that_one_sees(database: Database) -> None:
    await told(database)
    assert (await database.persons.known(PHONE, HERE)).account is None
    await told(database, "HY-2", member("zhou"))
    known = await database.persons.known(PHONE, HERE)
    assert known.account == member("zhou")
    assert [case.number for case in known.cases] == ["HY-1", "HY-2"]
    assert (await database.persons.known(PHONE, THERE)).cases == ()
    await told(database, "HY-3", member("other"))  # whose is the number now?
    assert (await database.persons.known(PHONE, HERE)).account is None
    assert (await database.persons.known("", HERE)).cases == ()
