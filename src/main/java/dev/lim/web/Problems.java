package dev.lim.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The problems that a call may answer with, for the documentation; said of a method, or of an
 * annotation that methods carry. What every call of its kind may answer with goes without saying.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Problems {
  ProblemType[] value();
}
