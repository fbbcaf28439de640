"""Linear models against arithmetic by hand and by scikit-learn; every shipped one says where it comes from."""

import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from sklearn.linear_model import LogisticRegression

import rag
from rag.text.linear_model import LinearModel

FOLDER = Path(rag.__file__).parent
SHIPPED = sorted(
    name
    for path in FOLDER.rglob("*.py")
    for name in re.findall(r'LinearModel\.load\("([^"]+)"\)', path.read_text(encoding="utf-8"))
)
ORIGIN = {"fitted_on": "three rows", "fitted_by": "by hand", "fitted_at": date(2026, 11, 28)}
MODEL = LinearModel(weights={"near": 2.0, "far": -0.5}, intercept=0.25, settings={"threshold": 0.4}, **ORIGIN)


def test_a_score_is_the_weighted_sum_and_other_features_count_nothing():
    assert MODEL.score({"near": 0.5, "far": 1.0, "other": 9.0}) == 0.75
    assert MODEL.probability({"near": 0.5, "far": 1.0}) == pytest.approx(1 / (1 + np.exp(-0.75)))
    np.testing.assert_allclose(
        MODEL.scores(np.array([[9.0, 1.0, 0.5], [9.0, 0.0, 0.0]]), ("other", "far", "near")), [0.75, 0.25]
    )
    assert MODEL.scores(np.zeros((0, 2)), ("near", "far")).shape == (0,)


def test_a_feature_that_has_a_weight_must_be_given():
    with pytest.raises(KeyError, match="far"):
        MODEL.score({"near": 1.0})


def test_probabilities_are_those_of_a_logistic_regression():
    rows = np.random.default_rng(0).normal(size=(60, 2))
    fitted = LogisticRegression().fit(rows, rows[:, 0] + rows[:, 1] ** 2 > 0.5)
    model = LinearModel(
        weights=dict(zip("ab", fitted.coef_[0], strict=True)), intercept=float(fitted.intercept_[0]), **ORIGIN
    )
    np.testing.assert_allclose(model.probabilities(rows, "ab"), fitted.predict_proba(rows)[:, 1])


@given(some.floats(-1e6, 1e6))
def test_a_probability_is_one_whatever_the_score(score):
    assert 0.0 <= LinearModel(weights={"x": score}, **ORIGIN).probability({"x": 1.0}) <= 1.0


def test_a_model_is_read_as_it_was_written(tmp_path):
    MODEL.write(tmp_path / "model.json")
    assert LinearModel.read(tmp_path / "model.json") == MODEL
    assert json.loads((tmp_path / "model.json").read_text())["fitted_at"] == "2026-11-28"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_model_says_what_it_was_fitted_on_by_what_and_when(name):
    model = LinearModel.load(name)
    assert model.fitted_on and model.fitted_by and date(2026, 1, 1) <= model.fitted_at <= date.today()
    assert model.weights or model.settings
