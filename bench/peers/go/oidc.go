package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
)

// github.com/coreos/go-oidc, which uses golang.org/x/oauth2 for the rest of a sign-in.
var oidcMeasures = map[string]measure{
	"id_token_rs256": {unit: "us", prepare: prepareIDToken(oidc.RS256)},
	"id_token_es256": {unit: "us", prepare: prepareIDToken(oidc.ES256)},
	"id_token_eddsa": {unit: "us", prepare: prepareIDToken(oidc.EdDSA)},
	"login_complete_cpu": {unit: "us", prepare: func(j *job) (func() error, error) {
		ctx, err := j.context()
		if err != nil {
			return nil, err
		}
		provider, err := oidc.NewProvider(ctx, j.issuer)
		if err != nil {
			return nil, err
		}
		verifier := provider.Verifier(&oidc.Config{ClientID: clientID})
		client := clientOf(j.issuer)
		return func() error {
			login := begin(client)
			callback := "code=RS256." + login.nonce + "&state=" + login.state + "&iss=" + url.QueryEscape(j.issuer)
			code, err := accept(callback, login.state, j.issuer)
			if err != nil {
				return err
			}
			token, err := exchange(ctx, client, code, login.verifier)
			if err != nil {
				return err
			}
			idToken, _ := token.Extra("id_token").(string)
			return validate(ctx, verifier, idToken, login.nonce)
		}, nil
	}},
}

// accept is what both libraries leave to the application: what came with the callback.
func accept(callback, state, issuer string) (code string, err error) {
	parameters, err := url.ParseQuery(callback)
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare([]byte(parameters.Get("state")), []byte(state)) != 1 {
		return "", errors.New("another state")
	}
	if parameters.Get("iss") != issuer {
		return "", errors.New("another issuer")
	}
	return parameters.Get("code"), nil
}

// What go-oidc leaves to the application is the nonce.
func validate(ctx context.Context, verifier *oidc.IDTokenVerifier, text, nonce string) error {
	token, err := verifier.Verify(ctx, text)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 {
		return errors.New("another nonce")
	}
	return nil
}

func prepareIDToken(algorithm string) func(*job) (func() error, error) {
	const nonce = "n-0S6_WzA2Mj"
	return func(j *job) (func() error, error) {
		ctx, err := j.context()
		if err != nil {
			return nil, err
		}
		provider, err := oidc.NewProvider(ctx, j.issuer)
		if err != nil {
			return nil, err
		}
		text, err := fetchText(ctx, j.issuer+"/bench/id_token?alg="+algorithm+"&nonce="+nonce)
		verifier := provider.Verifier(&oidc.Config{ClientID: clientID, SupportedSigningAlgs: []string{algorithm}})
		return func() error { return validate(ctx, verifier, text, nonce) }, err
	}
}
