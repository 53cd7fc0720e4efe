//! Retailers: lists, search, export and changes.

mod any_case;
mod bangla;
mod by_word;
mod contains_text;
mod exporter;
mod like;
mod matching;
mod merged_page;
mod pool_reader;
mod pool_writer;
mod queries;
mod reader;
mod rows;
mod sounds;
mod words;
mod writer;
