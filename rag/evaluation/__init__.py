"""Batch evaluation: question sets in, TREC runs, figures, comparisons and a report out.

Modules, in the order in which a run passes through them:

    case, lines, question_files, beir, trec, csv_rows, question_sets  question sets of every form become cases
    systems, remote_server, temporary, haystack, bench                what is asked: this process, a server, one index
    outcome, running, session                                         every case through every system, with resume
    answer_keys, ranking, scoring, refusal, summary                   outcomes become figures
    significance, baseline_comparison                                 figures against a baseline run
    failures, drawing, report_plots, report_cases, report             the page that people read
    tables, writing, evaluate                                         the terminal, the run folder, `rag evaluate`
"""
