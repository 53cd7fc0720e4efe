DROP INDEX changes_tx_idx;
