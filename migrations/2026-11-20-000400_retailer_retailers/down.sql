DROP TABLE retailers;
