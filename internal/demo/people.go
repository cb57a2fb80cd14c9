package demo

import (
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/slugs"
	"segmentchallenge/internal/sport"
)

// The two that a visitor may sign in as.
const (
	OrganiserEmail = "organiser@demo.example"
	RiderEmail     = "rider@demo.example"
)

// zone is where the island's clocks are.
const zone = "Europe/Dublin"

// person is somebody of the demo.
type person struct {
	id     uuid.UUID
	name   string
	gender sport.Gender
	email  string
	number int // in the list
	foot   bool
}

func (p *person) by() actor.Actor { return actor.Athlete(p.id) }

// cast is everybody: who organises, whom the visitor may sign in as, and those who ride and run by themselves.
type cast struct {
	organiser, visitor *person
	riders, runners    []*person
}

// The names are invented; F, M, X or nothing is the gender that is disclosed.
const riderNames = `Aroha Lindqvist F, Anselm Brightwater M, Beatriz Okonjo F, Bao Kowalczyk M, Chidinma Haas F, Cormac Villanueva M,
	Dilnoza Ferreira F, Dragan Oyelaran M, Eilidh Marchetti F, Emeka Lundgren M, Wren Kallio X, Fionn Zabala M, Farah Nystrom F,
	Gaspard Mwangi M, Giulia Tanaka-Webb F, Henrik Tamatoa M, Hanneke Obuya F, Ibrahim Solheim M, Ines Dragomir F, Joaquin Petterson M,
	Jolanta Quispe F, Kofi Dellacroix M, Kaia Benhaddou F, Lorcan Hashimoto M, Leonie Sarpong F, Mateusz Abara M, Yuki Hartigan X,
	Maren Castilho F, Niko Fairweather M, Nobuhle Ericsdotter F, Olumide Strand M, Oona Bellweather F, Pavel Ngata M,
	Priya Vandersteen F, Quentin Ravndal M, Quynh Halloran F, Rafael Iwuchukwu M, Rosalind Achterberg F, Sanjay Holmqvist M,
	Sunniva Paredes F, Tobias Etxeberria M, Zephyr Moreau, Tamsin Okoye-Lind F, Viggo Adeyemi M`

const runnerNames = `Amina Rautio F, Hugo Nakamura-Lowe M, Brigid Salcedo F, Isak Bramble M, Cleo Andersson-Diaz F, Jarrah Domingues M,
	Dorothea Mbatha F, Kwame Vesterby M, Elif Winterbourne F, Luca Ferngate M, Freya Castellanos F, Mikkel Odhiambo M,
	Grainne Osei F, Nadir Coldwell M`

var towns = []string{"Port Kestrel", "Gannet Quay", "Ardmoor", "Millhaven", "Saltmarsh", "Beacon End", "Northlight"}

const country = "Kestrel Islands"

func everybody() *cast {
	c := &cast{organiser: &person{name: "Orla Vanterpool", gender: sport.Female, email: OrganiserEmail, number: 2},
		visitor: &person{name: "Robin Ashgrove", gender: sport.Male, email: RiderEmail, number: 17}}
	c.riders = crowd(riderNames)
	c.runners = crowd(runnerNames)
	for _, p := range c.runners {
		p.foot = true
	}
	return c
}

func crowd(names string) []*person {
	var out []*person
	for i, entry := range strings.Split(names, ",") {
		name, gender := strings.TrimSpace(entry), sport.Undisclosed
		if cut := len(name) - 2; name[cut] == ' ' {
			name, gender = name[:cut], sport.Gender(name[cut+1:])
		}
		out = append(out, &person{name: name, gender: gender, email: slugs.Base("athlete", name) + "@demo.example", number: i})
	}
	return out
}

func (c *cast) all() []*person {
	return append(append([]*person{c.organiser, c.visitor}, c.riders...), c.runners...)
}

func (c *cast) women() []*person {
	var out []*person
	for _, p := range c.riders {
		if p.gender == sport.Female {
			out = append(out, p)
		}
	}
	return out
}

// profile is what the person says of themselves. A few read miles, a few keep their profile to members.
func (p *person) profile() athletes.Profile {
	first, last, _ := strings.Cut(p.name, " ")
	out := athletes.Profile{FirstName: first, LastName: last, Gender: p.gender, BirthYear: 1958 + p.pick(47, 11), TimeZone: zone,
		Town: towns[p.pick(len(towns), 3)], Country: country, Units: sport.Metric, Visibility: athletes.Everyone}
	if p.pick(9, 5) == 0 {
		out.Units = sport.Imperial
	}
	if p.pick(13, 7) == 0 {
		out.Visibility = athletes.Members
	}
	return out
}

// pick is one of n, the same each time; step makes choices independent of each other.
func (p *person) pick(n, step int) int { return (p.number*step + len(p.name)*7) % n }

// rider is how fast the person goes on a usual day: between 28 and 33 km/h on the level, or 4:20 and 5:40 a kilometre.
func (p *person) rider() simulate.Rider {
	level := float64(p.pick(100, 37)) / 99
	r := simulate.Rider{Foot: p.foot, Flat: 7.9 + 0.9*level, Mass: 66 + float64(p.pick(12, 5)), Heart: 148 + float64(p.pick(22, 13))}
	if p.gender == sport.Male {
		r.Flat, r.Mass = r.Flat+0.4, r.Mass+6
	}
	if p.foot {
		r.Flat = 2.95 + 0.9*level
	}
	return r
}

// device is what the person records with: some record each second, some when it matters, some with the phone.
func (p *person) device() simulate.Device {
	d := []simulate.Device{
		{Name: "Tern 300", Noise: 1.5, Barometer: true, Power: true},
		{Name: "Plover", Noise: 2.5, Smart: true, Barometer: true},
		{Name: "Telephone", Noise: 3.5, NoHeart: true},
		{Name: "Tern 100", Noise: 2, Smart: true},
	}[p.pick(4, 1)]
	d.Power = d.Power && !p.foot
	return d
}
