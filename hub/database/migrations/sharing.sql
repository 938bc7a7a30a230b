-- Batches of one workspace do not hold up those of another: what is due is looked for workspace by workspace.
drop index batch_files_due;
create index batch_files_due on batch_files (workspace, due_at) where state in ('waiting', 'running');
create index batches_running on batches (workspace) where state = 'running';

-- Whether an extraction is still there of a text, when another one goes.
create index extractions_reading on extractions (workspace, reading) where reading is not null;

-- Texts that nothing was made of.
create index readings_texts on readings (created_at) where file is null;
