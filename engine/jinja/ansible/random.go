package ansible

import (
	"crypto/sha512"
	"math"
	"math/big"
	"math/bits"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// twister is the Mersenne Twister as Python's random.Random uses it, so that `random(seed=inventory_hostname)` picks what
// it always picked.
type twister struct {
	state [624]uint32
	next  int
}

func newTwister(seed any) (*twister, error) {
	n := new(big.Int)
	switch x := seed.(type) {
	case string:
		sum := sha512.Sum512([]byte(x))
		n.SetBytes(append([]byte(x), sum[:]...))
	default:
		b := value.Big(seed)
		if b == nil {
			return nil, typeError("the only supported seed types are None, int, float, str, bytes, and bytearray")
		}
		n.Abs(b)
	}
	var key []uint32
	for mask := big.NewInt(math.MaxUint32); n.Sign() > 0; n.Rsh(n, 32) {
		key = append(key, uint32(new(big.Int).And(n, mask).Uint64()))
	}
	if key == nil {
		key = []uint32{0}
	}
	t := &twister{next: 624}
	t.init(key)
	return t, nil
}

// init fills the state from a key, as the algorithm's authors do.
func (t *twister) init(key []uint32) {
	s := &t.state
	s[0] = 19650218
	for i := uint32(1); i < 624; i++ {
		s[i] = 1812433253*(s[i-1]^s[i-1]>>30) + i
	}
	i, j := 1, 0
	advance := func() {
		if i++; i >= 624 {
			s[0] = s[623]
			i = 1
		}
	}
	for range max(624, len(key)) {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1664525) + key[j] + uint32(j)
		advance()
		j = (j + 1) % len(key)
	}
	for range 623 {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1566083941) - uint32(i)
		advance()
	}
	s[0] = 0x80000000
}

func (t *twister) word() uint32 {
	if t.next >= 624 {
		for i := range t.state {
			y := t.state[i]&0x80000000 | t.state[(i+1)%624]&0x7fffffff
			t.state[i] = t.state[(i+397)%624] ^ y>>1 ^ (y&1)*0x9908b0df
		}
		t.next = 0
	}
	y := t.state[t.next]
	t.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// below is a number from 0 up to n.
func (t *twister) below(n int) int {
	k := bits.Len(uint(n))
	for {
		r := t.bits(k)
		if r < n {
			return r
		}
	}
}

func (t *twister) bits(k int) int {
	if k <= 32 {
		return int(t.word() >> (32 - k))
	}
	low := int(t.word())
	return low | int(t.word()>>(64-k))<<32
}

// chance is a source of numbers below n: seeded, or truly random.
func (a *extension) chance(seed any) (func(n int) int, error) {
	if seed == nil {
		return a.rand, nil
	}
	t, err := newTwister(seed)
	if err != nil {
		return nil, err
	}
	return t.below, nil
}

func (a *extension) addRandomFilters(l *jinja.Language) {
	l.Filters["random"] = a.randomFilter
	l.Filters["shuffle"] = a.shuffle
}

func (a *extension) randomFilter(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("start", "step", "seed")
	if err != nil {
		return nil, err
	}
	below, err := a.chance(p.Any(2, nil))
	if err != nil {
		return nil, err
	}
	if end, ok := jinja.AsInt(in); ok {
		start, err1 := p.OptInt(0, 0)
		step, err2 := p.OptInt(1, 1)
		if err := firstError(err1, err2); err != nil {
			return nil, err
		}
		if step == 0 {
			step = 1
		}
		n := (end - start + step - 1) / step
		if step < 0 {
			n = (end - start + step + 1) / step
		}
		if n <= 0 {
			return nil, valueError("empty range in randrange(%d, %d, %d)", start, end, step)
		}
		return start + step*below(n), nil
	}
	if value.Truth(p.Any(0, nil)) || value.Truth(p.Any(1, nil)) {
		return nil, valueError("start and step can only be used with integer values")
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, valueError("random can only be used on sequences and integers")
	}
	if len(items) == 0 {
		return nil, value.Errorf(value.IndexError, "cannot choose from an empty sequence")
	}
	return items[below(len(items))], nil
}

func (a *extension) shuffle(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("seed")
	if err != nil {
		return nil, err
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return in, nil
	}
	seed := p.Any(0, nil)
	if !value.Truth(seed) {
		seed = nil
	}
	below, err := a.chance(seed)
	if err != nil {
		return nil, err
	}
	out := append([]any{}, items...)
	for i := len(out) - 1; i > 0; i-- {
		j := below(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	return out, nil
}
