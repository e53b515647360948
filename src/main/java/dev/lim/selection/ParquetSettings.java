package dev.lim.selection;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many Parquet files are written at one time; settings {@code lim.parquet.*}.
 *
 * @param atOnce 0: as many as an eighth of the heap has room for
 * @param longestWait for a place, before 503 is answered
 */
@ConfigurationProperties("lim.parquet")
record ParquetSettings(@DefaultValue("0") int atOnce, @DefaultValue("30s") Duration longestWait) {}
