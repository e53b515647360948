/**
 * The PostgreSQL server that everything is kept in: one that runs inside LIM Server's data
 * directory, or the one that {@code spring.datasource.url} names.
 *
 * <p>Nobody gets to see a {@code DataSource} whose server has not been found fit: PostgreSQL 15 or
 * newer, UTF-8, and durable ({@code fsync} and {@code synchronous_commit} not off). A server that
 * is not ends the start with a message that says what to do. A data directory has one owner at a
 * time, and nothing in here ever deletes one.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package dev.lim.database;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
