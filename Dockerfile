# One static binary on a small Debian, run by a user without rights. It needs DATABASE_URL: there is no PostgreSQL inside.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /segment-challenge ./cmd/web

FROM debian:bookworm-slim
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /segment-challenge /usr/local/bin/segment-challenge
USER 65532:65532
WORKDIR /tmp
ENV ADDR=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["segment-challenge"]
CMD ["serve"]
