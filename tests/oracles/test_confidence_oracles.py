"""What the lesson on confidence shows of rows from elsewhere, against torch and scikit-learn."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss

from core.figures import confidence as figures
from core.figures.own import Own
from core.logits import choose, sheet_of_file, sheet_of_text, take
from core.tables import understand
from pages.shared.catalog import load

WORDS = load("confidence", "en")


def outputs(name):
    """Logits of a regression that saw every fifth row, and labels of the others."""
    x, y = {"iris": load_iris, "wine": load_wine}[name](return_X_y=True)
    seen = np.arange(y.size) % 5 == 0
    x = (x - x[seen].mean(axis=0)) / x[seen].std(axis=0)
    model = LogisticRegression(C=1000.0, max_iter=5000).fit(x[seen], y[seen])
    return model.decision_function(x[~seen]), y[~seen]


def noisy(n=10_000, k=10):
    rng = np.random.default_rng(5)
    logits = rng.normal(scale=3.0, size=(n, k))
    return logits, np.where(rng.random(n) < 0.7, logits.argmax(axis=1), rng.integers(0, k, n))


def brought(logits, labels, way):
    """Return the rows as a person brings them: in a file, read again."""
    if way == "npz":
        file = io.BytesIO()
        np.savez(file, logits=logits, labels=labels)
        sheet = sheet_of_file(file.getvalue())
    else:
        names = [f"class {k}" for k in range(logits.shape[1])]
        lines = ["\t".join([*names, "label"])]
        lines += [
            "\t".join([*map(repr, row), names[y]]) for row, y in zip(logits.tolist(), labels, strict=True)
        ]
        text = "\n".join(lines)
        sheet = sheet_of_text(text, understand(text).readings[0])
    rows = take(sheet, choose(sheet))
    own = figures.OwnLogits("test", rows.logits, rows.labels, rows.names, figures.Origin(0, ()))
    return figures.Source("own", "half", Own("test", lambda: own))


def fitted_by_torch(logits, labels):
    inverse = torch.ones((), dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS(
        [inverse], max_iter=500, tolerance_grad=1e-13, tolerance_change=1e-15, line_search_fn="strong_wolfe"
    )

    def loss():
        search.zero_grad()
        value = F.cross_entropy(torch.tensor(logits) * inverse, torch.tensor(labels))
        value.backward()
        return value

    search.step(loss)
    return 1.0 / inverse.item()


def error(probs, labels, bins):
    """ECE as it is written down: bins of the confidence, of one width."""
    confidence, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    where = np.ceil(confidence * bins)
    return sum(
        (where == b).mean() * abs(right[where == b].mean() - confidence[where == b].mean())
        for b in np.unique(where)
    )


@pytest.mark.parametrize("way", ["npz", "tsv"])
@pytest.mark.parametrize("name", ["iris", "wine", "noisy"])
def test_the_numbers_on_the_screen(name, way):
    logits, labels = noisy() if name == "noisy" else outputs(name)
    source = brought(logits, labels, way)
    made = figures.numbers(source, 1.7, 12, "width", WORDS.group("numbers"))
    best = fitted_by_torch(logits[::2], labels[::2])
    assert made["head"][3] == f"fitted T = {figures.number(best)}"
    judged, truth = logits[1::2], labels[1::2]
    for column, t in ((1, 1.0), (2, 1.7), (3, best)):
        probs = F.softmax(torch.tensor(judged) / t, dim=1).numpy()
        theirs = {
            "nll": log_loss(truth, probs, labels=range(logits.shape[1])),
            "error": error(probs, truth, 12),
            "accuracy": accuracy_score(truth, probs.argmax(axis=1)),
            "confidence": probs.max(axis=1).mean(),
            "brier": brier_score_loss(truth, probs, labels=range(logits.shape[1]), scale_by_half=False),
        }
        assert theirs["nll"] == pytest.approx(
            float(F.cross_entropy(torch.tensor(judged) / t, torch.tensor(truth)))
        )
        shown = {row[0]: float(row[column]["text"]) for row in made["rows"] if isinstance(row[column], dict)}
        for key, value in theirs.items():
            assert shown[WORDS(f"numbers.{key}")] == pytest.approx(float(value), rel=6e-6), (t, key)
