-- A snapshot must not outlive the events that it was made of. So whoever takes a whole stream out of the log, by hand as
-- well, takes its snapshot out in the same transaction. Where the beginning alone goes the snapshot stays, as the state
-- can't be made without it any more. Who is writing one at that moment holds on to its event, so that this waits for them.
create function events_erased() returns trigger language plpgsql as $$
begin
    delete from aggregate_snapshots s using (select distinct stream from erased) e
    where s.stream = e.stream and not exists (select from events left_over where left_over.stream = s.stream);
    return null;
end
$$;
create trigger events_erased after delete on events
    referencing old table as erased for each statement execute function events_erased();
