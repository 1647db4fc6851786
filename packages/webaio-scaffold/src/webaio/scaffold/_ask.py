import sys
from collections.abc import Callable, Mapping

from cookiecutter.prompt import read_user_variable

from ._answers import Question, Refused


def ask(
    questions: tuple[Question, ...],
    defaults: Mapping[str, str],
    given: Mapping[str, str],
    check: Callable[[Question, str], None],
) -> dict[str, str]:
    """Ask for the answers that are not given, with cookiecutter's prompts, and give them.

    An answer that `check` refuses is asked for again. A given one is not: it raises `Refused`,
    before anything is asked.
    """
    for question in questions:
        if question.name in given:
            check(question, given[question.name])
    missing = [question for question in questions if question.name not in given]
    answers: dict[str, str] = {}
    for number, question in enumerate(missing, start=1):
        prefix = f"  [dim][{number}/{len(missing)}][/] "
        while True:
            answer = str(read_user_variable(question.name, defaults[question.name], prefix=prefix))
            try:
                check(question, answer)
            except Refused as refusal:
                print(f"  {refusal}", file=sys.stderr)
            else:
                break
        answers[question.name] = answer
    return answers
