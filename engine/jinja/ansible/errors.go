package ansible

import "github.com/drydock-dev/drydock/engine/value"

func typeError(format string, args ...any) error {
	return value.Errorf(value.TypeError, format, args...)
}

func valueError(format string, args ...any) error {
	return value.Errorf(value.ValueError, format, args...)
}
