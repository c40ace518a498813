"""A person's logits and labels: texts, tables and arrays in, rows out, or the one cell that is wrong."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest

from core import logits
from core.cells import BadCell, Marks, Reason
from core.logits import (
    Choice,
    Rows,
    Sheet,
    choose,
    first_word,
    sheet_of_file,
    sheet_of_text,
    take,
    with_names,
)
from core.tables import Reading, understand


def read(text: str) -> Sheet:
    return sheet_of_text(text, understand(text).readings[0])


def rows(text: str) -> Rows:
    sheet = read(text)
    return take(sheet, choose(sheet))


def refused(text: str) -> tuple[Reason, int | None, int | None, str]:
    with pytest.raises(BadCell) as caught:
        rows(text)
    return caught.value.reason, caught.value.row, caught.value.column, caught.value.cell


def npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


class TestChoice:
    @pytest.mark.parametrize(
        ("text", "choice"),
        [
            ("a,b,label\n1,2,0\n3,4,1\n", Choice(2, (0, 1))),
            ("y,a,b\n0,1.5,2\n1,3,4\n", Choice(0, (1, 2))),
            ("a,b,animal\n1,2,a\n3,4,b\n", Choice(2, (0, 1))),
            ("1.5,2,0\n3,4.5,1\n2,2,1\n", Choice(2, (0, 1))),
            ("id,a,b,label\n1,1.5,2,0\n2,3,4,1\n", Choice(3, (1, 2))),
            ("n,a,b,label\n0,1.5,2,0\n1,3,4,1\n2,5,6,1\n", Choice(3, (1, 2))),
        ],
    )
    def test_labels_and_classes_are_found(self, text: str, choice: Choice) -> None:
        assert choose(read(text)) == choice


class TestText:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_labels_may_be_indices_or_names_of_columns(self, delimiter: str) -> None:
        for labels in (["0", "1", "1"], ["cat", "dog", "dog"]):
            lines = [
                "cat,dog,label",
                *(
                    f"{a},{b},{c}"
                    for (a, b), c in zip([("1.5", "-2"), ("0", "3"), ("1", "1")], labels, strict=True)
                ),
            ]
            found = rows("\n".join(lines).replace(",", delimiter))
            assert found.logits.tolist() == [[1.5, -2.0], [0.0, 3.0], [1.0, 1.0]]
            assert (found.labels.tolist(), found.names) == ([0, 1, 1], ("cat", "dog"))
            assert (found.named, found.probabilities) == (labels[0] == "cat", False)

    def test_names_of_columns_may_have_a_beginning_in_common(self) -> None:
        found = rows("logit_cat,logit_dog,label\n1,2,dog\n3,1,cat\n")
        assert (found.labels.tolist(), found.names) == ([1, 0], ("cat", "dog"))

    def test_without_a_header_classes_have_no_names(self) -> None:
        assert rows("1.5,2,0\n3,4.5,1\n2,2,1\n").names == ()

    def test_decimal_commas(self) -> None:
        assert rows("a;b;label\n1,5;2,25;0\n3;4,5;1\n").logits.tolist() == [[1.5, 2.25], [3.0, 4.5]]
        sheet = sheet_of_text("a;b;label\n1,5;2,25;0\n3;4,5;1\n", Reading(";", Marks(","), header=1))
        assert take(sheet, choose(sheet)).logits[0].tolist() == [1.5, 2.25]

    @pytest.mark.parametrize("written", ["-inf", "−inf", "-Infinity", "−∞"])
    def test_a_class_may_be_ruled_out(self, written: str) -> None:
        assert rows(f"a,b,label\n1,{written},0\n3,4,1\n").logits.tolist() == [[1.0, -np.inf], [3.0, 4.0]]

    def test_probabilities_are_recognised_and_taken_through_their_log(self) -> None:
        found = rows("a,b,c,label\n0.7,0.2,0.1,0\n0,0.333,0.667,2\n")
        assert found.probabilities
        np.testing.assert_allclose(np.exp(found.logits), [[0.7, 0.2, 0.1], [0.0, 0.333, 0.667]])

    @pytest.mark.parametrize(
        "text", ["a,b,label\n0.7,0.2,0\n0.5,0.5,1\n", "a,b,label\n1.5,-0.5,0\n0.5,0.5,1\n"]
    )
    def test_other_numbers_are_logits(self, text: str) -> None:
        assert not rows(text).probabilities

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("a,b,label\n1,2,0\n3,4x,1\n5,6,1\n", (Reason.NOT_A_NUMBER, 3, 2, "4x")),
            ("a,b,label\n1,2,0\n3,,1\n5,6,1\n", (Reason.EMPTY, 3, 2, "")),
            ("a,b,label\n1,2,0\n3,nan,1\n5,6,1\n", (Reason.NOT_FINITE, 3, 2, "nan")),
            ("a,b,label\n1,2,0\n3,inf,1\n5,6,1\n", (Reason.NOT_FINITE, 3, 2, "inf")),
            ("a,b,label\n1,2,0\n3,1e31,1\n5,6,1\n", (Reason.TOO_LARGE, 3, 2, "1e31")),
            ("a,b,label\n1,2,0\n3,4,2\n", (Reason.LABEL, 3, 3, "2")),
            ("a,b,label\n1,2,0\n3,4,-1\n", (Reason.LABEL, 3, 3, "-1")),
            ("a,b,label\n1,2,0\n3,4,0.5\n", (Reason.LABEL, 3, 3, "0.5")),
            ("a,b,label\n1,2,a\n3,4,c\n", (Reason.LABEL, 3, 3, "c")),
            ("a,b,label\n1,2,x\n3,4,0\n", (Reason.LABEL, 2, 3, "x")),
            ("a,b,label\n1,2,0\n-inf,-inf,1\n", (Reason.RULED_OUT, 3, 1, "-inf")),
            ("a,b,label\n1,2,0\n3,inf,1\n", (Reason.NOT_FINITE, 3, 2, "inf")),  # half of a column
            ("a,b,label\n=1+1,2,0\n3,4,1\n", (Reason.NOT_A_NUMBER, 2, 1, "=1+1")),
            ("a,a,label\n1,2,a\n3,4,a\n", (Reason.TWICE, 2, 3, "a")),
            ("z_a,y_a,z_b,label\n1,2,0,z_b\n3,4,1,a\n", (Reason.LABEL, 3, 4, "a")),
        ],
    )
    def test_what_is_wrong_is_named_by_line_and_cell(self, text: str, problem: tuple[Any, ...]) -> None:
        assert refused(text) == problem

    def test_two_classes_are_needed(self) -> None:
        with pytest.raises(ValueError, match="two classes"):
            take(read("a,label\n1,0\n2,0\n"), Choice(1, (0,)))

    def test_columns_of_one_name_may_have_numbers_for_labels(self) -> None:
        assert rows("a,a,label\n1,2,1\n3,4,0\n").labels.tolist() == [1, 0]

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("a,b,label\n10%,1,0\n20%,2,1\n", (Reason.NOT_A_NUMBER, 2, 1, "10%")),
            ("a,b,label\n1,nan,0\n2,nan,1\n", (Reason.NOT_FINITE, 2, 2, "nan")),
            ("a,,label\n1,,0\n2,,1\n", (Reason.EMPTY, 2, 2, "")),
        ],
    )
    def test_a_column_that_is_no_class_is_named_by_its_first_word(
        self, text: str, word: tuple[Any, ...]
    ) -> None:
        sheet = read(text)
        found = first_word(sheet, choose(sheet))
        assert found is not None
        assert (found.reason, found.row, found.column, found.cell) == word

    def test_where_all_columns_are_classes_there_is_no_such_word(self) -> None:
        sheet = read("a,b,label\n1,2,x\n3,4,y\n")
        assert first_word(sheet, choose(sheet)) is None

    @pytest.mark.parametrize(
        ("text", "header"),
        [
            ("0,1,label\n2.5,1.5,1\n0.5,3.5,0\n", 1),
            (",0,1,Target\n0,2.5,1.5,1\n1,0.5,3.5,0\n", 1),
            ("2.5,1.5,true\n0.5,3.5,false\n1,0,true\n", 0),  # a label that is called so comes again
            ("0,1,label\n", 0),
            ("2.5,1.5,1\n0.5,3.5,0\n", 0),
            ("1,2\n3", 0),
        ],
    )
    def test_names_that_are_numbers_are_names_beside_that_of_the_labels(self, text: str, header: int) -> None:
        assert with_names(text, Reading(",")).header == header

    def test_a_table_without_rows_holds_nothing(self) -> None:
        with pytest.raises(BadCell, match="arrays"):
            sheet_of_text("label", Reading(",", header=1))

    def test_a_list_is_no_table(self) -> None:
        with pytest.raises(BadCell, match="arrays"):
            sheet_of_text("1, 2, 3", Reading("any"))


class TestFiles:
    LOGITS = np.array([[1.5, -2.0, 0.5], [0.0, 3.0, -1.0]])

    @pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
    @pytest.mark.parametrize("names", [("logits", "labels"), ("z", "y"), ("first", "second")])
    def test_an_archive(self, kind: type, names: tuple[str, str]) -> None:
        sheet = sheet_of_file(npz(**{names[0]: self.LOGITS.astype(kind), names[1]: np.array([2, 1])}))
        found = take(sheet, choose(sheet))
        assert sheet.arrays == names
        assert (found.logits.tolist(), found.labels.tolist(), found.names) == (
            self.LOGITS.tolist(),
            [2, 1],
            (),
        )

    def test_of_several_arrays_the_likely_ones(self) -> None:
        sheet = sheet_of_file(
            npz(
                images=np.zeros((2, 64)),
                ids=np.array([7, 8]),
                logits=self.LOGITS,
                targets=np.array([[0], [1]]),
            )
        )
        assert sheet.arrays == ("logits", "targets")
        assert take(sheet, choose(sheet)).labels.tolist() == [0, 1]

    def test_one_array_whose_last_column_holds_labels(self) -> None:
        sheet = sheet_of_file(npy(np.column_stack([self.LOGITS, [2.0, 0.0]])))
        assert choose(sheet) == Choice(3, (0, 1, 2))
        assert take(sheet, choose(sheet)).labels.tolist() == [2, 0]

    def test_a_structured_array_has_names(self) -> None:
        made = np.array(
            [(1.5, -2.0, b"dog"), (0.0, 3.0, b"cat")], dtype=[("cat", float), ("dog", float), ("label", "S3")]
        )
        sheet = sheet_of_file(npy(made))
        found = take(sheet, choose(sheet))
        assert (found.names, found.labels.tolist()) == (("cat", "dog"), [1, 0])

    def test_labels_may_be_true_and_false(self) -> None:
        sheet = sheet_of_file(npz(logits=self.LOGITS[:, :2], labels=np.array([True, False])))
        assert take(sheet, choose(sheet)).labels.tolist() == [1, 0]

    def test_what_was_found_instead_is_told(self) -> None:
        with pytest.raises(BadCell) as caught:
            sheet_of_file(npz(logits=self.LOGITS, labels=np.array([0, 1, 2])))
        assert caught.value.cell == "logits (2, 3), labels (3,)"

    @pytest.mark.parametrize(
        "content",
        [
            npy(np.array([1.0, 2.0])),
            npy(np.zeros((0, 3))),
            npy(np.zeros((2, 2, 2))),
            npy(np.array([[1.0 + 1j, 2.0]])),
            npy(np.zeros((3, 3)))[:100],
            npz(logits=np.zeros((3, 2))),
            npz(labels=np.zeros(3)),
            npz(logits=np.zeros((3, 2)), labels=np.zeros(4)),
            b"\x93NUMPY",
            b"PK\x03\x04 and so on",
        ],
    )
    def test_what_holds_no_logits_and_labels_is_refused(self, content: bytes) -> None:
        with pytest.raises(BadCell) as caught:
            sheet_of_file(content)
        assert caught.value.reason == Reason.ARRAYS

    def test_nothing_is_unpickled(self) -> None:
        file = io.BytesIO()
        np.save(file, np.array([[{}, 1]], dtype=object), allow_pickle=True)
        with pytest.raises(BadCell, match="arrays"):
            sheet_of_file(file.getvalue())

    def test_an_archive_that_unfolds_to_too_much_is_not_unfolded(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(logits, "MOST", 1000)
        content = npz(logits=np.zeros((1000, 2)), labels=np.zeros(1000))
        assert len(content) < 8000
        monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("it was read"))
        with pytest.raises(BadCell, match="too_big"):
            sheet_of_file(content)

    def test_an_array_of_too_many_numbers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(logits, "MOST", 5)
        with pytest.raises(BadCell, match="too_big"):
            sheet_of_file(npy(np.zeros((2, 3))))

    @pytest.mark.parametrize(
        ("value", "reason"),
        [(np.nan, Reason.NOT_FINITE), (np.inf, Reason.NOT_FINITE), (1e200, Reason.TOO_LARGE)],
    )
    def test_a_bad_number_is_named_by_row_and_column(self, value: float, reason: Reason) -> None:
        bad = self.LOGITS.copy()
        bad[1, 2] = value
        sheet = sheet_of_file(npz(logits=bad, labels=np.array([0, 1])))
        with pytest.raises(BadCell) as caught:
            take(sheet, choose(sheet))
        assert (caught.value.reason, caught.value.row, caught.value.column) == (reason, 2, 3)

    def test_a_member_that_is_no_array(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("readme.txt", "logits")
        with pytest.raises(BadCell, match="arrays"):
            sheet_of_file(file.getvalue())
