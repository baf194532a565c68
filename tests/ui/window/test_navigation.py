"""Back and forward through what the window showed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safelight.ui.pages.declarations import SETTINGS
from safelight.ui.view_request import Place, TextQuery, ViewRequest
from safelight.ui.window.navigation import Navigation, View

LIBRARY, HEARTS = View(ViewRequest()), View(ViewRequest(Place.FAVOURITES))


def search(text: str) -> View:
    return View(ViewRequest(), TextQuery(text))


def shown(navigation: Navigation) -> list[View]:
    heard: list[View] = []
    navigation.wanted.connect(heard.append)
    return heard


def test_a_search_that_is_typed_counts_once() -> None:
    navigation = Navigation()
    for view in (LIBRARY, search("b"), search("be"), search("beach"), search("bea"), search("lake"), HEARTS):
        navigation.visit(view)
    heard = shown(navigation)
    for _ in range(5):
        navigation.back()
    assert heard == [search("lake"), search("bea"), LIBRARY]
    navigation.forward()
    assert navigation.current == search("bea")


def test_a_new_view_ends_what_was_ahead() -> None:
    navigation = Navigation()
    states: list[tuple[bool, bool]] = []
    navigation.changed.connect(lambda back, forward: states.append((back, forward)))
    for view in (LIBRARY, HEARTS):
        navigation.visit(view)
    navigation.back()
    assert states[-1] == (False, True)
    navigation.visit(search("dog"))
    assert states[-1] == (True, False)


def test_closing_a_page_goes_back_to_what_it_covers() -> None:
    navigation = Navigation()
    page = View(ViewRequest(), page=SETTINGS)
    for view in (HEARTS, LIBRARY, page):
        navigation.visit(view)
    navigation.leave_page()
    assert navigation.current == LIBRARY
    navigation.leave_page()
    assert navigation.current == LIBRARY


@given(st.lists(st.sampled_from(["back", "forward", "visit", "leave"]), max_size=40), st.data())
def test_it_behaves_like_a_list_and_a_place_in_it(steps: list[str], data: st.DataObject) -> None:
    navigation = Navigation()
    navigation.visit(LIBRARY)
    heard = shown(navigation)
    for step in steps:
        before = len(heard)
        if step == "visit":
            view = data.draw(st.sampled_from([LIBRARY, HEARTS, View(ViewRequest(), page=SETTINGS)]))
            navigation.visit(view)
            assert navigation.current == view
        elif step == "leave":
            navigation.leave_page()
            assert navigation.current is not None
            assert navigation.current.page is None
        else:
            getattr(navigation, step)()
            assert heard[before:] in ([], [navigation.current])
