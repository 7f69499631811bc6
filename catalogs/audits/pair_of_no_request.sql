-- What pairs took, of requests or pairs that are not in the catalog.
select pair_id as key, request_id from produced
where request_id not in (select request_id from request) or pair_id not in (select pair_id from pair);
