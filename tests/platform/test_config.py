"""Settings: read from the environment, refused at the start when they make no sense."""

import pytest

from backend.config import Config, ConfigError


def test_reads_what_is_set_and_keeps_the_rest(monkeypatch):
    monkeypatch.setenv("XUNDIAN_MAX_PIXELS", "1000")
    monkeypatch.setenv("XUNDIAN_PARTIAL_CREDIT", "False")
    monkeypatch.setenv("XUNDIAN_POLL_S", "0.1")

    config = Config.from_env()

    assert (1000, False, 0.1) == (config.max_pixels, config.partial_credit, config.poll_s)
    assert Config.session_days == config.session_days


def test_reads_a_secret_from_the_file_it_is_in(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv("XUNDIAN_SECRET_KEY_FILE", str(tmp_path / "secret"))

    assert "s3cret" == Config.from_env().secret_key


@pytest.mark.parametrize(
    ("name", "value"), [("MAX_PIXELS", "many"), ("PARTIAL_CREDIT", "perhaps"), ("POLL_S", "")]
)
def test_names_a_value_that_cannot_be_read(monkeypatch, name, value):
    monkeypatch.setenv(f"XUNDIAN_{name}", value)

    with pytest.raises(ConfigError, match=f"XUNDIAN_{name} cannot be '{value}'"):
        Config.from_env()


@pytest.mark.parametrize(
    "wrong",
    [
        {"environment": "staging"},
        {"environment": "production"},
        {"county_c_mode": "harsh"},
        {"near_duplicate_bits": 6},
        {"near_duplicate_bits": -1},
        {"plan_on_holiday": "sometimes"},
        {"fence_policy_city": "forbid"},
        {"fence_policy_town": ""},
        {"plan_capacity_town": 0},
        {"plan_late_days": -1},
        {"cycle_starts_on": "2024-01-02"},
        {"cycle_starts_on": "soon"},
    ],
)
def test_refuses_what_would_only_fail_later(wrong):
    with pytest.raises(ConfigError):
        Config(**wrong)


def test_runs_in_production_with_a_secret_of_its_own():
    assert Config(environment="production", secret_key="own").is_production
