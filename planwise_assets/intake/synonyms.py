"""What payroll, record-keeping and personnel systems call the columns that PlanWise knows.

Belongs here: names. Does not: comparing them (names.py), what a column means (study/sections/census_columns.py).
Written as people write them; case, blanks and punctuation do not count, nor do `employee`, `EE` and the like in front.
"""

from __future__ import annotations

_WRITTEN: dict[str, str] = {
    "employee_id": """
        employee id; emp id; ee id; employee number; employee no; emp no; emp number; worker id; worker number;
        personnel number; personnel no; person id; person number; participant id; staff id; associate id; file no; file
        number; id; payroll id; payroll number; eeid; emplid; badge number; badge; ee number; ee no; clock number;
        unique id; identifier; position id; social security number; social security no; ssn; ss number; soc sec number;
        social security; social; tax id; tin; staff no; staff number; id number; id no; employee code; emp code;
        employee reference; persno; pers no; badge id; employee id no; employee id number; clock no; soc sec no;
        employee; ee
        """,
    "birth_date": """
        birth date; date of birth; dob; birthday; born; bdate; birth dt; birthdt; born on; date born; d o b; birth
        """,
    "hire_date": """
        hire date; date of hire; doh; hired; last hire date; current hire date; start date; employment date; hire dt;
        date of employment; employed since; join date; date joined; date hired; most recent hire date; latest hire date;
        hire; employment start date; date of last hire; date of most recent hire; start dt; began; joined; most recent
        start date; date started; current employment date; doe; employment commencement date; commencement date;
        continuous service start; last doh; latest doh; most recent doh; latest start date; last date of hire; hire
        rehire date; date joined company; employment start; date of hire or rehire
        """,
    "annual_compensation": """
        annual compensation; annual pay; annual salary; salary; base salary; base pay; annual base salary; annual base;
        annual rate; annualized salary; annualised salary; compensation; pay; yearly pay; yearly salary; annl salary;
        full time salary; annual base pay; annual rate of pay; annual pay rate; salary annual; annual sal; base
        compensation; annualized base; annualized pay; annualized compensation; annual rt; contract salary; current
        salary; base annual salary; base salary annual; rate annual; current annual salary; total base pay; pay annual;
        comp rate annual; annual base rate; full time equivalent salary; annualized base pay; annual base compensation;
        annual wage; yearly compensation; comp; rate of pay annual; salary rate; salary usd; annual salary usd; budgeted
        salary; yearly wage; annual comp; sal; basic salary; basic annual salary; total base pay annualized amount
        """,
    "level_id": """
        level id; level; job level; grade; job grade; pay grade; band; pay band; salary grade; career level; job band
        """,
    "termination_date": """
        termination date; date of termination; term date; dot; separation date; left date; date terminated; date of
        separation; termination dt; term dt; separation dt; date left; leave date of employment; end date; last day
        worked; termination; date of termination 1; termination date 1; termination 1; term date 1; employment end date;
        date of severance; severance date; exit date; last day; last day of employment; terminated; terminated on; date
        employment ended; termdate; leaving date; date of leaving; separated; quit date; most recent termination date;
        last termination date; date of departure; employment termination date; dot 1; first termination date; termed;
        term; date of term; employment end; end of employment; left; leaving; last dot; dot last; date of term 1;
        separation
        """,
    "active": """
        active; is active; active flag; currently employed; employed; active yn; active y n; active employee; is
        employed; active status
        """,
    "service_date": """
        service date; adjusted service date; seniority date; vesting date; vesting service date; adj service date;
        adjusted hire date; adj hire date; benefit service date; continuous service date; benefits service date; company
        service date; credited service date; adjusted date of hire; pension service date; service start date; length of
        service date; company seniority date; vesting start date; vesting computation date; adj svc dt; service
        computation date
        """,
    "deferral_rate": """
        deferral rate; deferral percent; deferral pct; deferral; contribution rate; contribution percent; 401k percent;
        401k pct; 401k rate; 401k deferral; elective deferral; deferral percentage; 401k contribution; 401k; deferral
        election; deferral election percent; election percent; 401k election; 401k election percent; current deferral;
        current deferral rate; deferral elections; elected percent; elective deferral rate; elective deferral percent;
        pre tax percent; pretax percent; pretax rate; pre tax deferral percent; pretax deferral percent; pretax deferral
        rate; pre tax deferral rate; 401k pre tax percent; contribution pct; savings rate; 401k deferral percent; 401k
        deferral rate; current election; salary deferral percent; salary deferral rate; before tax percent; pre tax
        contribution percent; contribution percentage; election pct; 403b percent; 403b deferral percent; 401k
        contribution rate; 401k contribution percent; pre tax election percent; pre tax pct; pretax pct; salary
        deferral; salary deferral election; def pct; def percent; pretax 401k percent; pre tax 401k percent; k401 pct;
        k401 percent; pretax 401k pct; 401k deduction percent; deferral percentage percent; deferral rate percent
        """,
    "enrollment_date": """
        enrollment date; enrolment date; participation date; enrolled; enrolled date; date enrolled; enrollment dt; plan
        entry date; date of participation; entry date; date of entry; plan participation date; participation start date;
        plan enrollment date; plan entry dt
        """,
    "enrollment_source": "enrollment source; enrolment source; enrollment method; enrollment type; enrolment method",
    "eligibility_date": """
        eligibility date; eligible date; date eligible; plan eligibility date; eligibility dt; date of eligibility
        """,
    "opted_out": """
        opted out; opt out; declined; opt out flag; auto enroll opt out; declined enrollment; opted out of plan
        """,
    "auto_escalation_opt_out": """
        auto escalation opt out; escalation opt out; auto increase opt out; declined auto increase
        """,
    "plan_exclusion": """
        plan exclusion; excluded; excluded class; ineligible class; excluded employee; excluded from plan; plan
        excluded; ineligible; excluded yn; excluded y n; exclude; class exclusion; statutory exclusion; excluded flag
        """,
    "scheduled_hours_per_week": """
        scheduled hours per week; hours per week; weekly hours; scheduled hours; standard hours; std hours; hours week;
        hrs per week; standard hours per week; std hrs; weekly scheduled hours; sched hours; scheduled weekly hours;
        hours wk; standard weekly hours; hrs wk; average weekly hours; work hours per week; contract hours; contracted
        hours
        """,
    "hours_prior_year_1": """
        hours prior year 1; hours last year; prior year hours; hours worked; ytd hours; hours; hours of service; hours
        paid; annual hours worked; total hours; total hours worked; current year hours; hours ytd; year to date hours;
        plan year hours; hours worked ytd; hrs worked; hrs; hours in plan year; hours worked in plan year; service
        hours; plan year hours worked; hours worked last year; hours for plan year; plan year hrs; ytd hrs
        """,
    "hours_prior_year_2": """
        hours prior year 2; hours two years ago; hours year before last; hours 2 years ago; prior prior year hours
        """,
    "prior_year_compensation": """
        prior year compensation; w2; w2 wages; w2 pay; last year pay; prior year pay; gross wages; ytd gross; gross pay;
        w2 compensation; annual earnings; gross compensation; gross earnings; total compensation; ytd pay; ytd
        compensation; total wages; year to date gross; year to date pay; ytd earnings; ytd gross pay; earnings; total
        earnings; total pay; gross; wages; ytd wages; w 2 wages; w2 box 1; gross annual wages; annual gross pay; annual
        gross; ytd total gross; taxable wages; pay ytd; gross ytd; w2 earnings; compensation paid; pay paid; total gross
        pay; total gross; plan year gross compensation; gross annual compensation; 415 compensation; section 415
        compensation; year to date compensation; year to date earnings; gross wages ytd; total paid; w2 gross; wages
        paid; total gross compensation; plan year compensation; full year compensation; ytd gross earnings; ytd gross
        wages; statutory compensation; gross comp; total comp; ytd gross comp; comp 415; 415 comp; compensation for plan
        year; total gross wages; plan year comp; gross comp ytd; ytd comp
        """,
    "bonus": """
        bonus; bonuses; annual bonus; bonus pay; bonus amount; bonus paid; total bonus; ytd bonus; bonus ytd; bonus
        earnings; bonus compensation; yearly bonus; bonus payment; incentive; incentive pay; incentive compensation;
        annual incentive; variable pay; variable compensation; commission; commissions; commission pay; commission
        earnings; commissions paid; bonus commission; bonus and commission; bonus commissions; bonuses and commissions;
        short term incentive; sti; supplemental pay; supplemental wages; bonus usd; bonus wages; performance bonus;
        discretionary bonus; year end bonus; cash bonus; target bonus amount; ytd commission; ytd commissions
        """,
    "overtime": """
        overtime; overtime pay; ot; ot pay; overtime earnings; ytd overtime; overtime ytd; overtime amount; overtime
        wages; ot earnings; ot amount; ytd ot; overtime paid; overtime compensation; ot wages; overtime dollars; ot
        dollars; total overtime; total overtime pay; annual overtime; ot paid; ot ytd; overtime gross
        """,
    "owner_5pct": """
        owner 5pct; five percent owner; 5 percent owner; owner; is owner; owner 5; more than 5 percent owner; 5 percent
        owner yn; 5 percent owner y n; owner yn; owner y n; owner flag; key owner; greater than 5 percent owner; over 5
        percent owner; 5pct owner
        """,
    "match_balance": """
        match balance; employer match balance; er balance; match account; company match balance; match account balance;
        er match balance
        """,
    "core_balance": """
        core balance; profit sharing balance; employer core balance; nonelective balance; non elective balance; ps
        balance
        """,
    "rehire_date": """
        rehire date; date of rehire; re hire date; date rehired; rehired; rehire dt; date of re hire; rehired on;
        reinstatement date; date of reinstatement; return date; date of return; recall date; date of rehire 1; rehire
        date 1; rehire; reemployment date; last rehire date; dor; d o r; date rejoined; rejoined; rejoin date; date
        rehire
        """,
    "termination_date_2": """
        termination date 2; date of termination 2; second termination date; term date 2; date of second termination;
        termination date after rehire; second date of termination; dot 2; termination 2; date of second separation; date
        of termination after rehire
        """,
    "original_hire_date": """
        original hire date; original date of hire; orig hire date; first hire date; orig date of hire; initial hire
        date; date of original hire; first date of hire; original hire dt; orig hire dt; date first hired; odoh;
        original doh; original start date; first start date; hire date original; orig doh; first doh
        """,
    "prior_service_years": """
        prior service years; prior service; prior years of service; years of prior service; years of service before
        rehire; service before rehire; prior vesting years; prior years service; prior vesting service
        """,
    "employment_status": """
        employment status; status; emp status; work status; job status; employment status code; status code; ee status;
        employee status; current status; payroll status; status cd; worker status; hr status; employment type status;
        participant status; emp stat; stat; employment state; position status; assignment status
        """,
    "on_leave": """
        on leave; loa; leave of absence; leave; leave status; on leave yn; on leave y n; loa flag; is on leave; leave
        flag; loa yn; loa y n
        """,
    "hourly_rate": """
        hourly rate; pay rate; rate of pay; hourly pay; hourly wage; rate per hour; hourly pay rate; rate; wage rate;
        base rate; base hourly rate; pay rate hourly; hourly; hourly rate of pay; base hourly; comp rate; compensation
        rate; rate 1; hr rate; rate hourly; regular rate; regular pay rate amount; regular pay rate; pay rate amount
        """,
    "annual_hours": """
        annual hours; hours per year; yearly hours; scheduled annual hours; annual scheduled hours; standard annual
        hours; hours a year; fte hours
        """,
    "plan_compensation": """
        plan compensation; eligible compensation; plan comp; eligible pay; eligible earnings; eligible wages; plan
        eligible compensation; eligible plan compensation; plan pay; plan earnings; deferral compensation; recognized
        compensation; ytd eligible compensation; eligible comp
        """,
    "pretax_deferral": """
        pretax deferral; pretax deferrals; pre tax deferral; pre tax deferrals; pre tax deferral amount; pretax deferral
        amount; deferral amount; deferrals; 401k deferrals; elective deferrals; salary deferrals; pre tax contributions;
        pretax contributions; pre tax contribution; 401k amount; 401k contributions; deferral dollars; salary deferral
        amount; pre tax 401k; 401k pre tax; ytd deferrals; before tax contributions; pre tax contribution amount;
        contribution amount; employee contribution; employee contributions; ytd 401k; 401k ytd; pre tax; pretax; 401k
        dollars; deferral amt; 401k amt; deferral per pay; ytd deferral; deferral ytd; 401k deferral amount; per pay
        deferral; 401k pre tax contributions; pre tax amount; deferral per pay period; deferral amount per pay; 401k per
        pay; employee deferral amount; pre tax dollars; flat dollar deferral; elective deferral amount; deferrals ytd;
        pretax def amt; pre tax def amt; w2 box 12 code d; box 12 code d; elective deferrals for plan year; deferrals
        for plan year; salary deferral dollars; deferral dollars ytd; pretax dollars
        """,
    "roth_deferral": """
        roth deferral; roth deferrals; roth contributions; roth contribution; roth amount; roth deferral amount; ytd
        roth; roth ytd; roth 401k; roth; 401k roth; roth dollars; roth contribution amount; roth 401k contributions;
        roth amt; roth elective deferrals; roth per pay; roth def amt; roth 401k deferrals; roth deferral dollars; roth
        deferrals for plan year; w2 box 12 code aa
        """,
    "roth_rate": """
        roth rate; roth percent; roth pct; roth deferral percent; roth deferral rate; roth election percent; 401k roth
        percent; roth election; roth percentage; roth contribution percent; roth 401k percent; roth 401k pct; roth def
        pct
        """,
    "pay_frequency": """
        pay frequency; payroll frequency; frequency; pay freq; pay cycle; pay period frequency; payroll cycle; pay
        schedule; payroll freq; pay basis frequency; pay periods per year; pay periods
        """,
    "ownership_percent": """
        ownership percent; owner percent; ownership; percent owned; ownership pct; percent ownership; ownership
        percentage; owner pct; percentage owned; ownership interest; shares percent
        """,
    "family_relationship": """
        family relationship; relationship; family relation; relation to owner; relationship to owner; family member of
        owner; family of owner; owner relationship; related to owner; family member; relationship to shareholder
        """,
    "union_member": """
        union member; union; union yn; union y n; union employee; union flag; union status; collectively bargained; cba;
        in union; is union; bargaining unit member; covered by cba; union ind; collective bargaining
        """,
    "leased": "leased; leased employee; leased yn; leased y n; is leased; leased employee yn; leased flag",
    "nonresident_alien": """
        nonresident alien; non resident alien; nra; nonresident; non resident; nonresident alien yn; nra yn; nra y n
        """,
    "last_name": "last name; surname; family name; name last; lname; lastname; last nm; last",
    "first_name": """
        first name; given name; forename; name first; fname; firstname; preferred name; first nm; name; full name;
        employee name; middle name; middle initial; mi; middle; worker name; participant name; legal name; name full;
        payroll name; participant; worker; first
        """,
    "termination_reason": """
        termination reason; reason for termination; term reason; separation reason; reason for leaving; termination
        type; term type; reason; termination code; term code; leaving reason; separation type; status reason; status
        change reason
        """,
    "employer_match_paid": """
        employer match; match; company match; er match; matching contribution; matching contributions; employer matching
        contributions; employer match amount; ytd match; match ytd; employer match ytd; match amount; er match amount;
        employer contributions
        """,
    "officer": """
        officer; officer yn; officer y n; is officer; officer flag; key employee; key employee yn; key employee y n;
        key; officer status
        """,
    "hce": """
        hce; hce yn; hce y n; highly compensated; hce status; highly compensated employee
        """,
}

#: Each column's names.
SYNONYMS: dict[str, list[str]] = {
    column: [" ".join(name.split()) for name in names.split(";")] for column, names in _WRITTEN.items()
}
