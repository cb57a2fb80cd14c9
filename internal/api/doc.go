// Package api is the JSON API under /api/v1: what programs use, and what the pages' own uploads could be done with too.
//
// Its words are a contract (see the OpenAPI document at /api/v1/openapi.json, which is made from these types): more may be
// added, none may change meaning. Reading public things needs no token. A write answers when its effects can be read.
//
// Errors are RFC 9457 problem documents with a stable code: refusals of the domain in their own words (problem.go).
package api
