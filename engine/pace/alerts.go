package pace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/settings"
)

// This file holds the alerts of a Prometheus: which of them block, and how they are asked for.

// Alert is an alert as Prometheus lists it.
type Alert struct {
	Labels map[string]string `json:"labels"`
	State  string            `json:"state"` // pending, firing
	Since  time.Time         `json:"activeAt"`
}

// Name is what the alert is called.
func (a Alert) Name() string { return a.Labels["alertname"] }

// Blocking are the alerts that hold the next node back. Those whose name the filter matches do not; with MatchOnly only they do.
func Blocking(alerts []Alert, p settings.Prometheus) []Alert {
	var out []Alert
	for _, a := range alerts {
		matches := p.Filter != nil && p.Filter.MatchString(a.Name())
		if p.FiringOnly && a.State != "firing" || p.Filter != nil && matches != p.MatchOnly {
			continue
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b Alert) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

// blocker is one thing that holds hosts back.
type blocker struct{ by, text string }

// alerts asks Prometheus. No answer blocks, since nobody knows then.
func (w *waiting) alerts(ctx context.Context) []blocker {
	p := w.Settings.Prometheus
	if p.URL == nil {
		return nil
	}
	all, err := fetch(ctx, p)
	if err != nil {
		return []blocker{{"alert", fmt.Sprintf("Prometheus at %s does not say which alerts there are: %v", p.URL.Host, err)}}
	}
	var out []blocker
	for _, a := range Blocking(all, p) {
		text := fmt.Sprintf("alert %s is %s", a.Name(), a.State)
		if !a.Since.IsZero() {
			text += " since " + a.Since.UTC().Format("2006-01-02 15:04 MST")
		}
		if b := (blocker{"alert", text}); !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

const maxAnswer = 16 << 20 // bytes

// fetch asks for all alerts. Its errors hold no part of the URL, in which there may be a password.
func fetch(ctx context.Context, p settings.Prometheus) ([]Alert, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL.JoinPath("api/v1/alerts").String(), nil)
	if err != nil {
		return nil, errors.New("the URL cannot be asked")
	}
	client := &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	answer, err := client.Do(req)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, withoutURL(err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", answer.Status)
	}
	var said struct {
		Status string
		Data   *struct{ Alerts []Alert }
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Status != "success" || said.Data == nil {
		return nil, errors.New("its answer is not that of a Prometheus")
	}
	return said.Data.Alerts, nil
}

func withoutURL(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		if at.Timeout() {
			return errors.New("no answer in time")
		}
		return at.Err
	}
	return err
}
