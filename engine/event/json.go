package event

import (
	"encoding/json"

	"github.com/drydock-dev/drydock/engine/value"
)

// Events are read back from JSON as they were written. What can be any value needs to be read as ours, with order and whole numbers.

// UnmarshalJSON reads the event.
func (r *HostResult) UnmarshalJSON(data []byte) error {
	type plain HostResult
	label := struct {
		*plain
		ItemLabel anyValue `json:"item_label"`
	}{plain: (*plain)(r)}
	err := json.Unmarshal(data, &label)
	r.ItemLabel = label.ItemLabel.v
	return err
}

// UnmarshalJSON reads the event.
func (i *Included) UnmarshalJSON(data []byte) error {
	type plain Included
	item := struct {
		*plain
		Item anyValue `json:"item"`
	}{plain: (*plain)(i)}
	err := json.Unmarshal(data, &item)
	i.Item = item.Item.v
	return err
}

type anyValue struct{ v any }

func (a *anyValue) UnmarshalJSON(data []byte) (err error) {
	a.v, err = value.ParseJSON(data)
	return err
}
