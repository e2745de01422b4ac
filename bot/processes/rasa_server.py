"""``python -m bot.processes.rasa_server run …``: the ``rasa`` command as it serves, light and lean."""

from __future__ import annotations

from bot.processes.without_tensorflow import leave_out_tensorflow


def main() -> None:
    """Run Rasa's own command line in this process, lean."""
    leave_out_tensorflow()
    from rasa.__main__ import main as rasa

    from bot.processes.lean_rasa import make_lean

    make_lean()

    rasa()


if __name__ == "__main__":
    main()
