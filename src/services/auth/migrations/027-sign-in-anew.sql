-- What was made before it was noted for whom (024) cannot be listed or taken back one by one, and sessions of browsers from
-- then hold tokens that open nothing any more. So all of it ends once: everybody signs in again, applications are told, and
-- what people allowed them stays allowed.
delete from web_session;
with gone as (delete from application_login returning client_id, sid, user_id)
insert into logout_notice (client_id, sid, user_id) select client_id, sid, user_id from gone;
delete from oidc_artefact;
