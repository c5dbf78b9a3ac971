package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// golang.org/x/oauth2. It leaves the callback to the application.
var oauth2Measures = map[string]measure{
	"begin_authorization": {unit: "ns", prepare: func(*job) (func() error, error) {
		client := clientOf("https://provider.example")
		var length int
		return func() error {
			length += len(begin(client).url)
			return nil
		}, nil
	}},
	"exchange_sequential_cpu": {unit: "us", prepare: prepareExchange},
	"exchange_64_cpu":         {unit: "us", inFlight: 64, prepare: prepareExchange},
	"token_hot": {unit: "ns", prepare: func(*job) (func() error, error) {
		source := hotSource()
		return func() error {
			_, err := source.Token()
			return err
		}, nil
	}},
	"token_hot_allocations": {unit: "allocations", run: func(j *job) (float64, error) {
		source := hotSource()
		return testing.AllocsPerRun(j.count, func() { source.Token() }), nil
	}},
}

func clientOf(issuer string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     clientID,
		ClientSecret: clientSecret,
		RedirectURL:  redirectURI,
		Scopes:       scopes,
		Endpoint: oauth2.Endpoint{
			AuthURL:   issuer + "/authorize",
			TokenURL:  issuer + "/token",
			AuthStyle: oauth2.AuthStyleInHeader,
		},
	}
}

type started struct {
	url, state, nonce, verifier string
}

func begin(client *oauth2.Config) started {
	verifier := oauth2.GenerateVerifier()
	state, nonce := randomText(), randomText()
	return started{client.AuthCodeURL(state,
		oauth2.SetAuthURLParam("nonce", nonce),
		oauth2.S256ChallengeOption(verifier),
		oauth2.SetAuthURLParam("prompt", "consent")), state, nonce, verifier}
}

func exchange(ctx context.Context, client *oauth2.Config, code, verifier string) (*oauth2.Token, error) {
	return client.Exchange(ctx, code, oauth2.VerifierOption(verifier))
}

func prepareExchange(j *job) (func() error, error) {
	ctx, err := j.context()
	client := clientOf(j.issuer)
	verifier := oauth2.GenerateVerifier()
	return func() error {
		token, err := exchange(ctx, client, "SplxlOBeZQQYbYS6WxSbIA", verifier)
		if err == nil && token.AccessToken == "" {
			err = errors.New("no token")
		}
		return err
	}, err
}

func hotSource() oauth2.TokenSource {
	token := &oauth2.Token{AccessToken: "SlAV32hkKG", TokenType: "Bearer", Expiry: time.Now().Add(time.Hour)}
	return oauth2.ReuseTokenSource(token, nil)
}
