drop table dev_mails;
drop table slugs;
drop table api_tokens;
drop table sessions;
drop table sign_in_links;
drop table identities;
