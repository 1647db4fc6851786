import sys
from collections.abc import Mapping

from cookiecutter.prompt import read_user_variable

from ._answers import Question, Refused


def ask(
    questions: tuple[Question, ...], defaults: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """Ask for the answers that are not given, with cookiecutter's prompts.

    An answer that cannot be used is asked for again.
    """
    missing = [question for question in questions if question.name not in given]
    answers = dict(given)
    for number, question in enumerate(missing, start=1):
        prefix = f"  [dim][{number}/{len(missing)}][/] "
        answers[question.name] = _ask_until_usable(question, defaults[question.name], prefix)
    return answers


def _ask_until_usable(question: Question, default: str, prefix: str) -> str:
    while True:
        answer = str(read_user_variable(question.name, default, prefix=prefix))
        try:
            question.check(answer)
        except Refused as refusal:
            print(f"  {refusal}", file=sys.stderr)
        else:
            return answer
