/** Generation 1, step 3: what was said of an image is found by the image, however long the log. */
export const imageLookups = `
  CREATE INDEX verdicts_by_image ON events (json_extract(payload, '$.image_id'))
    WHERE event_type IN ('revision.promoted', 'revision.quarantined');
  CREATE INDEX deploys_by_image ON events (json_extract(payload, '$.image_id')) WHERE event_type = 'deploy.started';
`;
