"""``python -m bot.processes.rasa_server run …``: the ``rasa`` command without TensorFlow."""

from __future__ import annotations

from bot.processes.without_tensorflow import leave_out_tensorflow


def main() -> None:
    """Run Rasa's own command line in this process."""
    leave_out_tensorflow()
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()
