package dev.promptlimit.jobs.config;

/**
 * Something with a name in results and a canonical description of its content.
 *
 * @param <T> what it is
 * @param name how results call it
 * @param content what it consists of, numbers in hexadecimal: equal content, equal text
 * @param value the thing itself
 */
public record Named<T>(String name, String content, T value) {}
