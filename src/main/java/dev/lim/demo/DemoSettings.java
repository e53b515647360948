package dev.lim.demo;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code lim.demo.*}.
 *
 * @param pace how long an epoch takes
 * @param epochs how many a run has
 */
@ConfigurationProperties("lim.demo")
record DemoSettings(@DefaultValue("2s") Duration pace, @DefaultValue("60") int epochs) {}
