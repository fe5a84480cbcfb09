"""What plugins import beside the templar that they are given."""


def is_template(text, *args):
    return isinstance(text, str) and ('{{' in text or '{%' in text)
