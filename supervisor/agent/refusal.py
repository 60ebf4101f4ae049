"""Why a request is not done: an errno and a sentence, as the client gets them."""


class RefusedError(Exception):
    """Raised by whoever cannot do what is asked; nobody's bug."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.number = number
        self.sentence = sentence
