/* task.h - the rules of track: one decide function a command. Pure. */
#ifndef BAODAO_TRACK_TASK_H
#define BAODAO_TRACK_TASK_H

#include "services/track/messages.h"

/* rule_assign.c: from dispatch */
decide_function task_assign, task_hand, task_cancel;
/* rule_hold.c: officers among themselves */
decide_function task_claim, task_hand_over, task_take_back;
/* rule_stage.c: the office moves on */
decide_function task_sign, task_contact, task_arrive, task_start,
    task_complete_stage;
/* rule_report.c: the office reports, the street judges */
decide_function task_report, task_accept, task_rework, task_excuse;
/* rule_return.c: the office returns, the district rules */
decide_function task_return, task_rule, task_reassign_failed;
/* rule_suspend.c, rule_extend.c: more time, by the street or the district */
decide_function task_suspend, task_resume, task_extend, task_grant, task_deny;
/* rule_clock.c: time passed, calendars changed */
decide_function task_clock_passed, task_reference_changed;

#endif
