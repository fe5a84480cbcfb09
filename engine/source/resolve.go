package source

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// This file holds what a scalar means in YAML 1.1, as Ansible reads it: yes and off are booleans, 0644 is octal, 1:30 is ninety, 1e3 is
// text. A date stays text; printed it looks as it was written.

var (
	intForm = regexp.MustCompile(`^[-+]?(0b[01_]+|0[0-7_]*|[1-9][0-9_]*(:[0-5]?[0-9])*|0x[0-9a-fA-F_]+)$`)

	floatForm = regexp.MustCompile(`^([-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9][0-9_]*([eE][-+][0-9]+)?|` +
		`[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)

	timeForm = regexp.MustCompile(`^\d{4}-(\d\d-\d\d|\d\d?-\d\d?([Tt]|[ \t]+)\d\d?:\d\d:\d\d(\.\d*)?([ \t]*(Z|[-+]\d\d?(:\d\d)?))?)$`)
)

// plainTag is the tag of a scalar without quotes and tag.
func plainTag(s string) string {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return TagNull
	case "yes", "Yes", "YES", "no", "No", "NO", "true", "True", "TRUE", "false", "False", "FALSE", "on", "On", "ON", "off", "Off", "OFF":
		return TagBool
	case "<<":
		return tagMerge
	case "=":
		return tagDefault
	}
	if !strings.ContainsRune("+-.0123456789", rune(s[0])) {
		return TagString
	}
	switch {
	case intForm.MatchString(s):
		return TagInt
	case floatForm.MatchString(s):
		return TagFloat
	case timeForm.MatchString(s):
		return TagTime
	}
	return TagString
}

// Plain is the scalar's value without regard to templates: nil, bool, int, *big.Int, float64 or string. An error means that its text does
// not fit the tag that was written before it.
func (n *Node) Plain() (any, error) {
	switch n.Tag {
	case TagNull:
		return nil, nil
	case TagBool:
		return toBool(n.Text)
	case TagInt:
		return toInt(n.Text)
	case TagFloat:
		return toFloat(n.Text)
	case TagBinary:
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Text), ""))
		if err != nil {
			return nil, fmt.Errorf("the text after !!binary is not base64")
		}
		return string(b), nil
	}
	return n.Text, nil
}

func toBool(s string) (any, error) {
	switch strings.ToLower(s) {
	case "yes", "true", "on":
		return true, nil
	case "no", "false", "off":
		return false, nil
	}
	return nil, fmt.Errorf("%q is not a boolean", s)
}

func toInt(s string) (any, error) {
	digits := strings.ReplaceAll(s, "_", "")
	neg := strings.HasPrefix(digits, "-")
	digits = strings.TrimLeft(digits, "+-")
	if strings.Contains(digits, ":") {
		f, err := sexagesimal(digits)
		if err != nil {
			return nil, err
		}
		return signed(big.NewInt(int64(f)), neg), nil
	}
	base := 10
	switch {
	case strings.HasPrefix(digits, "0b"):
		base, digits = 2, digits[2:]
	case strings.HasPrefix(digits, "0x"):
		base, digits = 16, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base, digits = 8, digits[1:]
	}
	b, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, fmt.Errorf("%q is not an integer", s)
	}
	return signed(b, neg), nil
}

func signed(b *big.Int, neg bool) any {
	if neg {
		b.Neg(b)
	}
	if b.IsInt64() {
		return int(b.Int64())
	}
	return b
}

func toFloat(s string) (any, error) {
	digits := strings.ToLower(strings.ReplaceAll(s, "_", ""))
	sign := 1.0
	if strings.HasPrefix(digits, "-") {
		sign = -1
	}
	digits = strings.TrimLeft(digits, "+-")
	switch {
	case digits == ".inf":
		return math.Inf(int(sign)), nil
	case digits == ".nan":
		return math.NaN(), nil
	case strings.Contains(digits, ":"):
		f, err := sexagesimal(digits)
		return sign * f, err
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is not a number", s)
	}
	return sign * f, nil
}

// sexagesimal reads 1:30 as ninety: each part counts sixty times the next.
func sexagesimal(s string) (float64, error) {
	total := 0.0
	for _, part := range strings.Split(s, ":") {
		f, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a number", s)
		}
		total = total*60 + f
	}
	return total, nil
}

// IsText tells whether a text means itself when it is written in YAML without quotes, rather than a number, a boolean or nothing.
func IsText(s string) bool { return plainTag(s) == TagString }
