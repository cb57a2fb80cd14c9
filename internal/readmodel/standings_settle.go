package readmodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	rules "segmentchallenge/internal/leaderboards"
)

// settleStandings makes anew what a batch has changed: what stages under way would give, by the rules of the challenge, and
// then the rows of those whose lines changed. Where a scheme lets it (Scheme.Depth), it looks at the head of a stage's board
// and at whose result changed alone, however many are on it.
func (w *writer) settleStandings() error {
	c := w.standings
	if len(c.results)+len(c.limits)+len(c.stages)+len(c.boards)+len(c.whose) == 0 {
		return nil
	}
	s := &settling{w: w, boards: map[standingsKey]*standingsBoard{}}
	touched, err := s.touched(c)
	if err != nil {
		return err
	}
	for _, k := range slices.SortedFunc(maps.Keys(touched), compareBoards) {
		if err := s.score(k, touched[k]); err != nil {
			return fmt.Errorf("stage %s, %s: %w", k.stage, k.category, err)
		}
	}
	for k, who := range c.whose {
		if err := s.tabulate(k, who); err != nil {
			return fmt.Errorf("standings of %s, %s: %w", k.challenge, k.category, err)
		}
	}
	for k, last := range c.last {
		w.exec(`update standing_boards set version = greatest(version, $3), changed_at = greatest(changed_at, $4) where challenge_id = $1 and category = $2`,
			k.challenge, k.category, last.position, last.time)
	}
	*c = *newStandingsChanges()
	return w.send()
}

func compareBoards(a, b boardKey) int {
	if d := bytes.Compare(a.stage[:], b.stage[:]); d != 0 {
		return d
	}
	return strings.Compare(string(a.category), string(b.category))
}

// settling is one batch's work. It reads what the batch has written.
type settling struct {
	w      *writer
	boards map[standingsKey]*standingsBoard
}

// standingsBoard is what the rules need to know of a board.
type standingsBoard struct {
	standingsKey
	scheme  rules.Scheme
	final   bool
	stages  map[uuid.UUID]standingsStage
	limited map[uuid.UUID]bool
}

type standingsStage struct {
	rules.Stage
	scored  bool
	deleted bool
	worst   []rules.Worst
}

// board is nil where the challenge hasn't been hosted.
func (s *settling) board(k standingsKey) (*standingsBoard, error) {
	if b, known := s.boards[k]; known {
		return b, nil
	}
	b := &standingsBoard{standingsKey: k, stages: map[uuid.UUID]standingsStage{}, limited: map[uuid.UUID]bool{}}
	err := s.w.tx.QueryRow(s.w.ctx, `select scheme, final from standing_boards where challenge_id = $1 and category = $2`, k.challenge, k.category).Scan(&b.scheme, &b.final)
	if errors.Is(err, pgx.ErrNoRows) {
		s.boards[k] = nil
		return nil, nil
	}
	if err == nil {
		err = b.read(s.w)
	}
	s.boards[k] = b
	return b, err
}

func (b *standingsBoard) read(w *writer) error {
	stages, err := stagesOfBoard(w.ctx, w.tx, b.standingsKey)
	if err != nil {
		return err
	}
	b.stages = stages
	rows, err := w.tx.Query(w.ctx, `select athlete_id from standing_limited where challenge_id = $1 and category = $2`, b.challenge, b.category)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	for _, id := range ids {
		b.limited[id] = true
	}
	return err
}

// touched says whose result (or points) may have changed on which stage under way.
func (s *settling) touched(c *standingsChanges) (map[boardKey]*someone, error) {
	out := map[boardKey]*someone{}
	for k, who := range c.results {
		if err := s.touch(out, k, who); err != nil {
			return nil, err
		}
	}
	for k, who := range c.limits {
		b, err := s.board(k)
		if err != nil {
			return nil, err
		}
		for _, id := range b.open() {
			someoneIn(out, boardKey{id, k.category}).add(who.list()...)
		}
	}
	for id := range c.stages {
		rows, err := s.w.tx.Query(s.w.ctx, `select b.challenge_id, b.category from standing_boards b join standing_stages s on s.challenge_id = b.challenge_id
			where s.stage_id = $1`, id)
		if err != nil {
			return nil, err
		}
		var k standingsKey
		var boards []standingsKey
		if _, err := pgx.ForEachRow(rows, []any{&k.challenge, &k.category}, func() error { boards = append(boards, k); return nil }); err != nil {
			return nil, err
		}
		for _, k := range boards {
			someoneIn(out, boardKey{id, k.category}).all = true
			if b, err := s.board(k); err != nil {
				return nil, err
			} else if b.scheme.NeedsPast() {
				c.rescore(k)
			}
			c.rows(k).missing = true
		}
	}
	for k := range c.boards {
		b, err := s.board(k)
		if err != nil {
			return nil, err
		}
		for _, id := range b.open() {
			someoneIn(out, boardKey{id, k.category}).all = true
		}
	}
	return out, nil
}

// touch adds whose result on one stage changed, and where bonuses go by earlier stages, the others too.
func (s *settling) touch(out map[boardKey]*someone, k boardKey, who *someone) error {
	someoneIn(out, k).add(who.list()...)
	var challenge uuid.UUID
	err := s.w.tx.QueryRow(s.w.ctx, `select challenge_id from standing_stages where stage_id = $1`, k.stage).Scan(&challenge)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	b, err := s.board(standingsKey{challenge, k.category})
	if err != nil || b == nil || !b.scheme.NeedsPast() {
		return err
	}
	for _, id := range b.open() {
		someoneIn(out, boardKey{id, k.category}).add(who.list()...)
	}
	return nil
}

// open lists the stages that aren't scored yet.
func (b *standingsBoard) open() (out []uuid.UUID) {
	if b == nil {
		return nil
	}
	for id, stage := range b.stages {
		if !stage.scored && !stage.deleted {
			out = append(out, id)
		}
	}
	return out
}

// score makes the lines of a stage under way anew.
func (s *settling) score(k boardKey, who *someone) error {
	var challenge uuid.UUID
	err := s.w.tx.QueryRow(s.w.ctx, `select challenge_id from standing_stages where stage_id = $1 and not deleted`, k.stage).Scan(&challenge)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	b, err := s.board(standingsKey{challenge, k.category})
	if err != nil || b == nil || b.stages[k.stage].scored {
		return err
	}
	field, err := s.field(b, k, who)
	if err != nil {
		return err
	}
	season, err := s.season(b, k, field)
	if err != nil {
		return err
	}
	var lines []rules.Line
	for _, scored := range season.Score() {
		if scored.ID == k.stage {
			lines = scored.Lines
		}
	}
	return s.replace(b, k, field, lines)
}

// field is whose lines are made anew.
type field struct {
	all     bool
	ids     []uuid.UUID        // who is looked at; of all, nil
	placed  map[uuid.UUID]bool // whose place is known: the head of the board; nil: everybody's
	results []rules.Result
}

// fieldRow is a result, and whether it is at the head of the board.
type fieldRow struct {
	AthleteID  uuid.UUID
	Value      int64
	AchievedAt time.Time
	FirstAt    time.Time
	Head       bool
}

// field reads the results that have to be looked at: all, or those at the head, of those who were there before, of who was
// the first to come, and of those whose result changed.
func (s *settling) field(b *standingsBoard, k boardKey, who *someone) (field, error) {
	depth, bounded := b.scheme.Depth(b.category)
	f := field{all: who.all || !bounded}
	args := pgx.NamedArgs{"stage": k.stage, "category": k.category, "who": who.list()}
	var err error
	if args["head"], args["first"], err = s.head(k, depth, len(b.limited)); err != nil {
		return f, err
	}
	const columns = `select athlete_id, value, achieved_at, first_at, coalesce(sort_key <= @head, false) as head from standing_results
		where stage_id = @stage and category = @category`
	sql := columns
	if !f.all {
		sql += ` and sort_key <= @head union ` + columns + ` and first_at <= coalesce(@first, 'infinity'::timestamptz) union ` + columns + ` and athlete_id = any(@who) union ` + columns +
			` and athlete_id in (select l.athlete_id from standing_lines l where l.stage_id = @stage and l.category = @category and l.provisional and l.placed)`
	}
	rows, err := list[fieldRow](s.w.ctx, s.w.tx, sql, args)
	if err != nil {
		return f, err
	}
	if bounded {
		f.placed = map[uuid.UUID]bool{}
	}
	for _, r := range rows {
		f.results = append(f.results, rules.Result{AthleteID: r.AthleteID, Value: r.Value, AchievedAt: r.AchievedAt.UTC(), FirstAt: r.FirstAt.UTC(), Limited: b.limited[r.AthleteID]})
		f.ids = append(f.ids, r.AthleteID)
		if bounded && r.Head {
			f.placed[r.AthleteID] = true
		}
	}
	if !f.all { // also those who have no result any more
		f.ids = append(f.ids, who.list()...)
	}
	return f, nil
}

// head is the last of the first so many different results, and when the first came to have one; so many limited athletes may
// stand before them. Nil: there are fewer. Each is a few looks into an index.
func (s *settling) head(k boardKey, depth, limited int) (key *int64, first *time.Time, err error) {
	if depth > 0 {
		depth += limited
	}
	err = s.w.tx.QueryRow(s.w.ctx, `with recursive d as (
			select 1 as n, (select min(x.sort_key) from standing_results x where x.stage_id = $1 and x.category = $2) as key where $3::int > 0
			union all select d.n + 1, (select min(x.sort_key) from standing_results x where x.stage_id = $1 and x.category = $2 and x.sort_key > d.key)
				from d where d.n < $3 and d.key is not null)
		select (select max(key) from d), (select x.first_at from standing_results x where x.stage_id = $1 and x.category = $2 order by x.first_at offset $4 limit 1)`,
		k.stage, k.category, depth, limited).Scan(&key, &first)
	return key, first, err
}

// season is the stage with what came before it, as far as bonuses go by that.
func (s *settling) season(b *standingsBoard, k boardKey, f field) (rules.Season, error) {
	season := rules.Season{Category: b.category, Scheme: b.scheme}
	past := map[uuid.UUID][]rules.Result{}
	if b.scheme.NeedsPast() {
		var err error
		if past, err = s.past(b, f); err != nil {
			return season, err
		}
	}
	for id, stage := range b.stages {
		if stage.deleted {
			continue
		}
		one := rules.StageResults{Stage: stage.Stage, Phase: rules.Awaited}
		switch {
		case id == k.stage:
			one.Phase, one.Results = rules.Running, f.results
		case len(past[id]) > 0:
			one.Phase, one.Results = rules.Running, past[id]
		}
		season.Stages = append(season.Stages, one)
	}
	return season, nil
}

// past reads the results on the other stages: those of the athletes who are looked at, and the best of each.
func (s *settling) past(b *standingsBoard, f field) (map[uuid.UUID][]rules.Result, error) {
	const from = ` from standing_results r join standing_stages s on s.stage_id = r.stage_id and s.challenge_id = @challenge and not s.deleted where r.category = @category`
	const columns = `select r.stage_id, r.athlete_id, r.value, r.achieved_at, r.first_at`
	sql := columns + from
	if !f.all {
		sql += ` and r.athlete_id = any(@ids) union select r.* from standing_stages s cross join lateral (` + columns + ` from standing_results r
			where r.stage_id = s.stage_id and r.category = @category order by r.sort_key limit @best) r where s.challenge_id = @challenge and not s.deleted`
	}
	rows, err := s.w.tx.Query(s.w.ctx, sql, pgx.NamedArgs{"challenge": b.challenge, "category": b.category, "ids": f.ids, "best": 1 + len(b.limited)})
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID][]rules.Result{}
	var stage uuid.UUID
	var r rules.Result
	_, err = pgx.ForEachRow(rows, []any{&stage, &r.AthleteID, &r.Value, &r.AchievedAt, &r.FirstAt}, func() error {
		r.Limited = b.limited[r.AthleteID]
		out[stage] = append(out[stage], r)
		return nil
	})
	return out, err
}

// replace writes the lines that differ from those that are there, and notes whose rows change.
func (s *settling) replace(b *standingsBoard, k boardKey, f field, lines []rules.Line) error {
	before, err := s.lines(b, k, f)
	if err != nil {
		return err
	}
	var athletes []uuid.UUID
	var data []string
	var placed []bool
	for _, line := range lines {
		if f.placed != nil && !f.placed[line.AthleteID] {
			line = withoutPlaces(line)
		}
		old, known := before[line.AthleteID]
		delete(before, line.AthleteID)
		if known && old.Same(line) {
			continue
		}
		encoded, err := json.Marshal(line)
		if err != nil {
			return err
		}
		athletes, data, placed = append(athletes, line.AthleteID), append(data, string(encoded)), append(placed, isPlaced(line))
	}
	whose := someoneIn(s.w.standings.whose, b.standingsKey)
	if len(athletes) > 0 {
		s.w.writeLines(b.standingsKey, k.stage, true, athletes, data, placed)
		whose.add(athletes...)
	}
	if len(before) > 0 {
		gone := slices.Collect(maps.Keys(before))
		s.w.exec(`delete from standing_lines where challenge_id = $1 and category = $2 and stage_id = $3 and athlete_id = any($4) and provisional`,
			b.challenge, b.category, k.stage, gone)
		whose.add(gone...)
	}
	return s.w.send()
}

// withoutPlaces leaves places out that aren't known: they make no difference.
func withoutPlaces(line rules.Line) rules.Line {
	line.Scores = slices.Clone(line.Scores)
	for i := range line.Scores {
		line.Scores[i].Place = 0
	}
	return line
}

// lines are those that are there of the athletes who are looked at.
func (s *settling) lines(b *standingsBoard, k boardKey, f field) (map[uuid.UUID]rules.Line, error) {
	sql := `select line from standing_lines where stage_id = @stage and category = @category and provisional`
	if !f.all {
		sql += ` and challenge_id = @challenge and athlete_id = any(@ids)`
	}
	rows, err := s.w.tx.Query(s.w.ctx, sql, pgx.NamedArgs{"stage": k.stage, "category": k.category, "challenge": b.challenge, "ids": f.ids})
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[rules.Line])
	out := make(map[uuid.UUID]rules.Line, len(all))
	for _, line := range all {
		out[line.AthleteID] = line
	}
	return out, err
}
