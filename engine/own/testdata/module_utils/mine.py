"""What modules of these tests share."""


def greet(name):
    return 'hello ' + name
